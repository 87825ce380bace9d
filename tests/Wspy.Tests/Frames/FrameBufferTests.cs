using System.Buffers;
using CsCheck;

namespace Wspy.Tests;

public class FrameBufferTests
{
    private static readonly Gen<Frame> Frames = Gen.Select(Gen.Byte[0, 15], Gen.Byte.Array[0, 300], Gen.Bool, Gen.Byte[0, 7])
        .Select((opcode, payload, fin, reserved) => new Frame((Opcode)opcode, payload, fin, (ReservedBits)(reserved << 4)));

    [Fact]
    public void Frames_come_out_as_they_went_in_however_the_bytes_are_cut()
    {
        Gen.Select(Frames.Array[0, 12], Gen.Int[1, 400].Array[1, 10], Gen.Bool).Sample((frames, cuts, masked) =>
        {
            using var buffer = new FrameBuffer();
            byte[] wire = [.. frames.SelectMany((frame, i) => frame.ToArray(masked ? (uint)i * 0x01020304 : null))];
            int popped = 0;
            int end = 0;
            for (int i = 0; end < wire.Length; i++)
            {
                int size = Math.Min(cuts[i % cuts.Length], wire.Length - end);
                buffer.Append(wire.AsSpan(end, size));
                end += size;
                while (buffer.ContainsFrame)
                {
                    int count = buffer.Count;
                    Assert.Equal(OperationStatus.Done, buffer.TryPop(out Frame? frame));
                    Assert.Equal(frames[popped].Payload.ToArray(), frame!.Payload.ToArray());
                    Assert.Equal((frames[popped].Opcode, frames[popped].Fin, frames[popped].Reserved), (frame.Opcode, frame.Fin, frame.Reserved));
                    Assert.Equal(count - frame.PackedSize(masked), buffer.Count);
                    popped++;
                }

                Assert.Equal(OperationStatus.NeedMoreData, buffer.TryPop(out Frame? none));
                Assert.Null(none);
            }

            Assert.Equal((frames.Length, 0), (popped, buffer.Count));
        }, iter: 300);
    }

    [Fact]
    public void An_empty_buffer_has_no_frame()
    {
        using var buffer = new FrameBuffer();
        buffer.Append([]);
        Assert.False(buffer.ContainsFrame);
        Assert.Equal(0, buffer.Count);
        Assert.Equal(OperationStatus.NeedMoreData, buffer.TryPop(out _));
    }

    [Fact]
    public void A_payload_above_the_limit_is_refused_from_its_header()
    {
        using var buffer = new FrameBuffer(maxPayloadSize: 10);
        buffer.Append(Frame.Binary(new byte[10]).ToArray());
        buffer.Append(Frame.Binary(new byte[11]).ToArray().AsSpan(0, 2));
        Assert.Equal(OperationStatus.Done, buffer.TryPop(out _));
        Assert.Equal(OperationStatus.DestinationTooSmall, buffer.TryPop(out Frame? frame));
        Assert.Null(frame);
        Assert.False(buffer.ContainsFrame);

        // A loop over both ends also when all of it has come.
        buffer.Append(new byte[11]);
        Assert.False(buffer.ContainsFrame);
        Assert.Equal(OperationStatus.DestinationTooSmall, buffer.TryPop(out _));
    }

    [Fact]
    public void Section_5_2_a_length_with_its_highest_bit_set_is_refused()
    {
        using var buffer = new FrameBuffer();
        buffer.Append([0x82, 0x7F, 0x80]);
        Assert.False(buffer.ContainsFrame);
        Assert.Equal(OperationStatus.InvalidData, buffer.TryPop(out Frame? frame));
        Assert.Null(frame);
    }

    [Fact]
    public void Popped_frames_are_not_kept()
    {
        using var buffer = new FrameBuffer();
        byte[] frame = Frame.Binary(new byte[1000]).ToArray();
        for (int i = 0; i < 100; i++)
        {
            // Always half a frame left over, so that the buffer is never empty.
            buffer.Append(i == 0 ? frame.AsSpan(0, 500) : frame.AsSpan(500));
            if (i > 0)
            {
                Assert.Equal(OperationStatus.Done, buffer.TryPop(out _));
                buffer.Append(frame.AsSpan(0, 500));
            }
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            buffer.Append(frame.AsSpan(500));
            Assert.True(buffer.TryPop(out Frame? popped) == OperationStatus.Done && popped!.Payload.Length == 1000);
            buffer.Append(frame.AsSpan(0, 500));
        }

        // The frames themselves, and nothing for a buffer that grows.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000 * 1400);
        Assert.Equal(500, buffer.Count);
    }

    [Fact]
    public void After_dispose_it_is_empty()
    {
        var buffer = new FrameBuffer();
        buffer.Append(Frame.Text("a").ToArray());
        buffer.TryPop(out _);
        buffer.Append([0x81]);
        buffer.Dispose();
        Assert.Equal(0, buffer.Count);
        Assert.False(buffer.ContainsFrame);
        buffer.Dispose();
    }
}
