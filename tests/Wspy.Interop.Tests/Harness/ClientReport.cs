namespace Wspy.Interop.Tests.Harness;

/// <summary>A message that was sent to an echo server, and whether the same came back.</summary>
internal sealed record Echo(string Name, long Size, bool Same);

/// <summary>How a client saw the connection end.</summary>
internal sealed record Close(int Code, string Reason);

/// <summary>What a client saw while it played the scenario: texts, binary messages of the sizes where the header grows, fragments, pings, close.</summary>
/// <param name="Peer">Name and version.</param>
/// <param name="Pongs">Payloads in hexadecimal digits; null when the client cannot send a ping of its own.</param>
/// <param name="Error">Empty when the scenario was played to its end.</param>
internal sealed record ClientReport(string Peer, string Subprotocol, string Extensions, Echo[] Echoes, string[] Pings, string[]? Pongs, Close? Close, string Error)
{
    /// <summary>Fails unless all came back unharmed and the close was answered as sent.</summary>
    public void AssertPlayed(PeerClientOptions options, string subprotocol)
    {
        Assert.Equal("", Error);
        Assert.Equal(subprotocol, Subprotocol);
        Assert.Equal([0, 1, 125, 126, 65535, 65536, 1 << 20], Echoes.Where(echo => echo.Name.StartsWith("binary ", StringComparison.Ordinal) && !echo.Name.Contains("fragments", StringComparison.Ordinal)).Select(echo => echo.Size));
        Assert.True(Echoes.Length >= 12, $"{Echoes.Length} messages came back.");
        Assert.All(Echoes, echo => Assert.True(echo.Same, $"'{echo.Name}' came back altered, with {echo.Size} bytes."));
        Assert.Equal(["77737079", ""], Pongs ?? ["77737079", ""]);
        Assert.Equal(new Close(options.Code, options.Reason), Close);
    }
}
