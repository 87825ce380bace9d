using Wspy.Buffers;
using Wspy.Protocol;

namespace Wspy.Tests.Protocol;

/// <summary>In steady state nothing is allocated, neither per received message nor per sent frame.</summary>
public class WebSocketProtocolAllocationTests
{
    private const int Rounds = 200;

    /// <summary>
    /// A collection in between lets the pool drop its arrays, which then count as allocations of this thread. What really
    /// allocates per message does so in each attempt.
    /// </summary>
    private const int Attempts = 5;

    public static TheoryData<WebSocketRole, int, int, int> Shapes
    {
        get
        {
            var shapes = new TheoryData<WebSocketRole, int, int, int>();
            foreach (WebSocketRole role in (WebSocketRole[])[WebSocketRole.Client, WebSocketRole.Server])
            {
                foreach ((int size, int fragments, int chunk) in ((int, int, int)[])
                    [(5, 1, int.MaxValue), (5, 1, 1), (65536, 1, int.MaxValue), (65536, 1, 16384), (65536, 16, int.MaxValue), (65536, 16, 10_000), (300, 3, 7)])
                {
                    shapes.Add(role, size, fragments, chunk);
                }
            }

            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Receiving_allocates_nothing(WebSocketRole role, int size, int fragments, int chunk)
    {
        Wire wire = Conversation.Peer(role);
        byte[] part = new byte[size / fragments];
        part.AsSpan().Fill((byte)'a');
        byte[] input =
        [
            .. Enumerable.Range(0, fragments).SelectMany(i => wire.Frame(i == 0 ? Opcode.Text : Opcode.Continuation, part, i == fragments - 1)),
            .. wire.Ping("ping"),
        ];
        byte[] scratch = new byte[input.Length];
        foreach (DeliveryUnit unit in (DeliveryUnit[])[DeliveryUnit.Message, DeliveryUnit.Frame, DeliveryUnit.Part])
        {
            using var engine = new WebSocketProtocol(role, new ProtocolOptions { Delivery = unit });
            using var output = new PooledBuffer();
            int messages = 0;
            long allocated = Measure(() =>
            {
                input.CopyTo(scratch, 0);
                for (int start = 0; start < scratch.Length; start += Math.Min(chunk, scratch.Length))
                {
                    Span<byte> rest = scratch.AsSpan(start, Math.Min(chunk, scratch.Length - start));
                    ProtocolEvent received;
                    while ((received = engine.Read(ref rest)).Kind != ProtocolEventKind.None)
                    {
                        messages += received.Kind == ProtocolEventKind.Data && received.Fin ? 1 : 0;
                        engine.WritePending(output);
                        output.Clear(keepArray: true);
                    }
                }
            });
            Assert.Equal(0, allocated);
            Assert.True(messages > Rounds);
            Assert.Equal(0, messages % Rounds);
        }
    }

    [Theory]
    [InlineData(WebSocketRole.Client)]
    [InlineData(WebSocketRole.Server)]
    public void Receiving_in_place_allocates_nothing(WebSocketRole role)
    {
        byte[] payload = new byte[65536];
        byte[] input = Conversation.Peer(role).Binary(payload);
        byte[] scratch = new byte[4096];
        using var engine = new WebSocketProtocol(role);
        int messages = 0;
        Assert.Equal(0, Measure(() =>
        {
            input.AsSpan(0, scratch.Length).CopyTo(scratch);
            Span<byte> rest = scratch;
            Assert.True(engine.Read(ref rest).Kind == ProtocolEventKind.None);
            for (int sent = scratch.Length; sent < input.Length;)
            {
                Span<byte> memory = engine.GetReceiveMemory(1).Span;
                input.AsSpan(sent, memory.Length).CopyTo(memory);
                sent += memory.Length;
                messages += engine.Commit(memory.Length).Kind == ProtocolEventKind.Data ? 1 : 0;
            }
        }));
        Assert.True(messages > Rounds);
    }

    [Theory]
    [InlineData(WebSocketRole.Client)]
    [InlineData(WebSocketRole.Server)]
    public void Sending_allocates_nothing(WebSocketRole role)
    {
        byte[] large = new byte[65536];
        using var engine = new WebSocketProtocol(role);
        using var output = new PooledBuffer();
        long written = 0;
        Assert.Equal(0, Measure(() =>
        {
            engine.WriteFrame(output, Opcode.Text, "Hello"u8);
            engine.WriteFrame(output, Opcode.Binary, large);
            engine.WriteFrame(output, Opcode.Text, "frag"u8, fin: false);
            engine.WriteFrame(output, Opcode.Ping, "ping"u8);
            engine.WriteFrame(output, Opcode.Continuation, "ment"u8);
            written += output.Count;
            output.Clear(keepArray: true);
        }));
        Assert.True(written > (long)Rounds * large.Length);
    }

    private static long Measure(Action round)
    {
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least > 0; attempt++)
        {
            for (int i = 0; i < Rounds; i++)
            {
                round();
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Rounds; i++)
            {
                round();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
