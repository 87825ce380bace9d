namespace Wspy.Interop.Tests.Harness;

/// <summary>What one end wants of permessage-deflate; the scripts take the same as JSON. Whatever is left out is up to the other end.</summary>
internal sealed record DeflateTerms
{
    /// <summary>What servers compress has no context.</summary>
    public bool ServerNoContextTakeover { get; init; }

    /// <summary>What clients compress has no context.</summary>
    public bool ClientNoContextTakeover { get; init; }

    /// <summary>The window of what servers compress; 0 for no wish.</summary>
    public int ServerMaxWindowBits { get; init; }

    /// <summary>The window of what clients compress; 0 for no wish, which a client says by a hint without value.</summary>
    public int ClientMaxWindowBits { get; init; }

    /// <summary>A client does not let itself be asked for a window.</summary>
    public bool NoHint { get; init; }
}
