namespace Wspy.Extensions;

/// <summary>What <see cref="DeflateMessage"/> asks for and how it works. "Server" and "client" name the end that compresses (RFC 7692 §7.1).</summary>
/// <remarks>Immutable and safe from any thread. Values are judged when they are set.</remarks>
public sealed record DeflateMessageOptions : DeflateOptions
{
    /// <summary>The largest window with which the server compresses; a client asks for it.</summary>
    /// <value>Base-2 logarithm of bytes, 8 to 15; default 15.</value>
    public int ServerMaxWindowBits { get; init => field = WindowBits(value, nameof(ServerMaxWindowBits)); } = 15;

    /// <summary>The largest window with which the client compresses; a server asks for it when the client lets it (RFC 7692 §7.1.2.2).</summary>
    /// <value>Base-2 logarithm of bytes, 8 to 15; default 15.</value>
    public int ClientMaxWindowBits { get; init => field = WindowBits(value, nameof(ClientMaxWindowBits)); } = 15;

    /// <summary>Whether the server's messages may refer to those before. If not, no memory is held between them, and they are larger.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool ServerContextTakeover { get; init; } = true;

    /// <summary>Whether the client's messages may refer to those before.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool ClientContextTakeover { get; init; } = true;
}
