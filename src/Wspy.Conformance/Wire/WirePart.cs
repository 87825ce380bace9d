using System.Buffers;

namespace Wspy.Conformance.Wire;

/// <summary>Something that a case sends.</summary>
internal abstract record WirePart
{
    /// <summary>Whether it is a Close frame, after which the engine sends none of its own.</summary>
    public virtual bool IsClose => false;

    /// <summary>Writes the bytes for the wire.</summary>
    /// <param name="output">Where they go.</param>
    /// <param name="role">The role of the peer under test; frames to a server are masked unless they say otherwise.</param>
    public abstract void Write(IBufferWriter<byte> output, PeerRole role);
}

/// <summary>Bytes as they are.</summary>
internal sealed record RawBytes(Payload Bytes) : WirePart
{
    public override void Write(IBufferWriter<byte> output, PeerRole role) => output.Write(Bytes.ToArray());

    public override string ToString() => $"the bytes {Bytes}";
}

/// <summary>Only a range of another part's bytes, header included.</summary>
internal sealed record PartOf(WirePart Whole, Range Range) : WirePart
{
    public override void Write(IBufferWriter<byte> output, PeerRole role)
    {
        var bytes = new ArrayBufferWriter<byte>();
        Whole.Write(bytes, role);
        output.Write(bytes.WrittenSpan[Range]);
    }

    public override string ToString() => $"bytes {Range} of [{Whole}]";
}
