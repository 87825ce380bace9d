using Wspy.Conformance.Deflate;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Negotiation;

/// <summary>Both directions of a connection on which permessage-deflate was agreed.</summary>
internal sealed class DeflateConversation
{
    private readonly Inflater _theirs;
    private readonly Deflater _ours;

    /// <param name="agreed">What was agreed on.</param>
    /// <param name="role">The role of the peer under test.</param>
    public DeflateConversation(DeflateParameters agreed, PeerRole role)
    {
        Agreed = agreed;
        (int Bits, bool Takeover) server = (agreed.ServerBits ?? DeflateParameters.MaxBits, !agreed.ServerNoContextTakeover);
        (int Bits, bool Takeover) client = (agreed.ClientBits ?? DeflateParameters.MaxBits, !agreed.ClientNoContextTakeover);
        ((int Bits, bool Takeover) theirs, (int Bits, bool Takeover) ours) = role == PeerRole.Server ? (server, client) : (client, server);
        _theirs = new Inflater(theirs.Bits, theirs.Takeover);
        _ours = new Deflater(ours.Bits, ours.Takeover);
        TheyTakeOver = theirs.Takeover;
        WeTakeOver = ours.Takeover;
        OurBits = ours.Bits;
    }

    public DeflateParameters Agreed { get; }

    /// <summary>Whether the peer may refer to its earlier messages.</summary>
    public bool TheyTakeOver { get; }

    /// <summary>Whether the suite may refer to its earlier messages.</summary>
    public bool WeTakeOver { get; }

    /// <summary>The window that the suite may compress with.</summary>
    public int OurBits { get; }

    public byte[] Deflate(ReadOnlySpan<byte> message, DeflatePlan plan) => _ours.Deflate(message, plan);

    /// <summary>Inflates what the peer sent, with the window and the context that were agreed on, and no more.</summary>
    public WireEvent Inflate(MessageEvent message)
    {
        try
        {
            Inflated inflated = _theirs.Inflate(message.Payload);
            return message.Kind == Opcode.Text && !System.Text.Unicode.Utf8.IsValid(inflated.Bytes)
                ? new OffenceEvent(message.At, "a compressed text message that is not UTF-8 (RFC 6455 §5.6)")
                : message with { Payload = inflated.Bytes, Compression = inflated };
        }
        catch (InvalidDataException e)
        {
            return new OffenceEvent(message.At, $"a compressed message that cannot be inflated (RFC 7692 §7.2.2): {e.Message}: {Show.Payload(message.Payload)}");
        }
    }
}
