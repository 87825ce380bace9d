namespace Wspy.Interop.Tests.Harness;

/// <summary>A line of the matrix of docs/compression.md: what the two ends want.</summary>
internal sealed record DeflateRow(string Name, DeflateTerms Client, DeflateTerms Server)
{
    private static readonly DeflateTerms None = new();

    /// <summary>Whether a window of 8 bits is asked for, which zlib's deflate does not have.</summary>
    public bool Asks8 => new[] { Client.ServerMaxWindowBits, Client.ClientMaxWindowBits, Server.ServerMaxWindowBits, Server.ClientMaxWindowBits }.Contains(8);

    /// <summary>All lines, in the order of the document.</summary>
    public static IReadOnlyList<DeflateRow> All { get; } =
    [
        new("nobody asks for anything", None, None),
        new("client asks: server without context", new() { ServerNoContextTakeover = true }, None),
        new("client says: itself without context", new() { ClientNoContextTakeover = true }, None),
        new("server says: itself without context", None, new() { ServerNoContextTakeover = true }),
        new("server asks: client without context", None, new() { ClientNoContextTakeover = true }),
        new("client asks: server's window of 10", new() { ServerMaxWindowBits = 10 }, None),
        new("client asks: server's window of 9", new() { ServerMaxWindowBits = 9 }, None),
        new("client asks: server's window of 8", new() { ServerMaxWindowBits = 8 }, None),
        new("client says: its window of 10", new() { ClientMaxWindowBits = 10 }, None),
        new("client says: its window of 8", new() { ClientMaxWindowBits = 8 }, None),
        new("server says: its window of 10", None, new() { ServerMaxWindowBits = 10 }),
        new("server asks: client's window of 10", None, new() { ClientMaxWindowBits = 10 }),
        new("server asks: client's window of 9", None, new() { ClientMaxWindowBits = 9 }),
        new("server asks: client's window of 8", None, new() { ClientMaxWindowBits = 8 }),
        new("server asks: client's window of 10, without a hint", new() { NoHint = true }, new() { ClientMaxWindowBits = 10 }),
        new("both ask for all: no context, windows of 9", All9(), All9()),
    ];

    public static DeflateRow Named(string name) => All.Single(row => row.Name == name);

    private static DeflateTerms All9() => new() { ServerNoContextTakeover = true, ClientNoContextTakeover = true, ServerMaxWindowBits = 9, ClientMaxWindowBits = 9 };
}
