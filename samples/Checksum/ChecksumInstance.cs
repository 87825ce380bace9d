using System.Buffers;
using System.Buffers.Binary;
using Wspy;
using Wspy.Extensions;

namespace Checksum;

/// <summary>The checksums of one connection. The two directions share nothing, for they may run at the same time.</summary>
internal sealed class ChecksumInstance(Extension extension, int minSize) : ExtensionInstance(extension)
{
    private const int TrailerSize = sizeof(uint);

    private readonly byte[] _tail = new byte[TrailerSize];
    private int _tailLength;
    private Crc32C _received;
    private Crc32C _sent;

    public override ExtensionUnit Unit => ExtensionUnit.Message;

    // Nothing is remembered of the messages before, so a broadcast needs one checksum for all clients with the same size.
    public override object SharedForm { get; } = (nameof(ChecksumInstance), minSize);

    public override ReservedBits BeginSend(Opcode opcode, ReadOnlySpan<byte> payload, bool end)
    {
        _sent = default;

        // A message in fragments may still grow.
        return payload.Length >= minSize || !end ? ReservedBits.Rsv2 : ReservedBits.None;
    }

    public override void Send(ReadOnlySpan<byte> input, IBufferWriter<byte> output, bool end)
    {
        _sent.Append(input);
        output.Write(input);
        if (end)
        {
            BinaryPrimitives.WriteUInt32BigEndian(output.GetSpan(TrailerSize), _sent.Value);
            output.Advance(TrailerSize);
        }
    }

    public override bool BeginReceive(Opcode opcode, ReservedBits reserved)
    {
        _received = default;
        _tailLength = 0;
        return reserved != ReservedBits.None;
    }

    // The last four bytes are no part of the message, and which are the last is known at its end only: so four are always held back.
    public override ExtensionStatus Receive(scoped ref ReadOnlySpan<byte> input, scoped Span<byte> output, out int written, bool end)
    {
        int ready = Math.Max(_tailLength + input.Length - TrailerSize, 0);
        int fromTail = Math.Min(Math.Min(ready, _tailLength), output.Length);
        _tail.AsSpan(0, fromTail).CopyTo(output);
        _tail.AsSpan(fromTail, _tailLength - fromTail).CopyTo(_tail);
        _tailLength -= fromTail;

        // Whatever is ready beyond the tail; none as long as something of the tail is.
        int fromInput = Math.Min(ready, output.Length) - fromTail;
        input[..fromInput].CopyTo(output[fromTail..]);
        input = input[fromInput..];

        written = fromTail + fromInput;
        _received.Append(output[..written]);
        if (written < ready)
        {
            return ExtensionStatus.NeedsOutput;
        }

        input.CopyTo(_tail.AsSpan(_tailLength));
        _tailLength += input.Length;
        input = default;
        return !end || (_tailLength == TrailerSize && BinaryPrimitives.ReadUInt32BigEndian(_tail) == _received.Value)
            ? ExtensionStatus.NeedsInput
            : ExtensionStatus.InvalidData;
    }
}
