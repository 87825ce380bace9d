namespace Wspy.Extensions;

/// <summary>An extension of the protocol (RFC 6455 §9): its claims, and its half of the negotiation in both roles.</summary>
/// <remarks>One object serves all connections, from any thread; what belongs to a connection is in its <see cref="ExtensionInstance"/>.</remarks>
public abstract class Extension
{
    /// <summary>The registered token: <c>permessage-deflate</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Other tokens under which servers take it.</summary>
    /// <value>None by default.</value>
    public virtual IReadOnlyList<string> Aliases => [];

    /// <summary>The reserved bits whose meaning it defines. Of several extensions that claim one, a connection has at most one.</summary>
    /// <value>None by default.</value>
    public virtual ReservedBits ReservedBits => ReservedBits.None;

    /// <summary>
    /// The reserved opcodes whose meaning it defines. Of several extensions that claim one, a connection has at most one. Frames of 0x3 to 0x7 are
    /// messages like any other (<see cref="ExtensionMessage"/>) and go through the instances; those of 0xB to 0xF are control frames, and do not.
    /// </summary>
    /// <value>None by default.</value>
    public virtual IReadOnlyList<Opcode> Opcodes => [];

    /// <summary>What a client offers, the preferred first; alternatives of which the server takes one at most.</summary>
    public abstract IReadOnlyList<ExtensionOffer> CreateOffers();

    /// <summary>Judges an offer for a server.</summary>
    /// <param name="offer">Of this extension's name or one of its aliases.</param>
    /// <returns><see langword="null"/> to decline, such as because of a parameter that is not known or cannot be kept (§9.1).</returns>
    public abstract ExtensionAcceptance? Accept(ExtensionOffer offer);

    /// <summary>Judges a server's answer for the client that made <see cref="CreateOffers"/>.</summary>
    /// <param name="answer">Of a name that was offered.</param>
    /// <returns>What works on the connection; <see langword="null"/> if this is no answer to what was offered, and the connection must fail (§4.1).</returns>
    public abstract ExtensionInstance? Confirm(ExtensionOffer answer);

    internal bool IsNamed(string name) => Name == name || Aliases.Contains(name);

    internal bool ConflictsWith(Extension other) =>
        (ReservedBits & other.ReservedBits) != 0 || Opcodes.Any(opcode => other.Opcodes.Contains(opcode));
}
