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

/// <summary>A piece of a frame: some bytes of its payload, and before the first of them its header.</summary>
internal sealed record FramePart(WireFrame Frame, Range Bytes, bool WithHeader) : WirePart
{
    /// <summary>All pieces of a frame must agree on the key.</summary>
    private const uint Key = 0x5B_C1_9E_37;

    public override void Write(IBufferWriter<byte> output, PeerRole role)
    {
        var bytes = new ArrayBufferWriter<byte>();
        (Frame with { Key = Frame.Key ?? Key }).Write(bytes, role);
        int header = bytes.WrittenCount - Frame.Payload.Length;
        (int start, int length) = Bytes.GetOffsetAndLength(Frame.Payload.Length);
        output.Write(WithHeader ? bytes.WrittenSpan[..(header + start + length)] : bytes.WrittenSpan.Slice(header + start, length));
    }

    public override string ToString() => $"{(WithHeader ? "the header and " : "")}{Frame.Payload[Bytes]} of a frame of {Frame.Payload.Length:N0} bytes";
}
