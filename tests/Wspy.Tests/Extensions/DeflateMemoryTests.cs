using System.Buffers;
using System.Runtime.CompilerServices;
using Wspy.Compression;
using Wspy.Conformance.Deflate;
using Wspy.Extensions;
using Judge = Wspy.Conformance.Deflate.Inflater;

namespace Wspy.Tests.Extensions;

public class DeflateMemoryTests
{
    private const int InflaterSize = DeflateMemory.InflaterSize;

    private static readonly int DeflaterSize = DeflateMemory.SizeOf(new DeflateSettings());

    private static readonly byte[] Prose = Samples.Prose(4000, 1).ToArray();

    /// <summary>As measured by the command native-memory of bench/Wspy.Benchmarks, in KiB.</summary>
    [Theory]
    [InlineData(9, 1, 137)]
    [InlineData(9, 8, 216)]
    [InlineData(9, 9, 296)]
    [InlineData(12, 5, 160)]
    [InlineData(15, 1, 263)]
    [InlineData(15, 8, 342)]
    [InlineData(15, 9, 422)]
    public void What_is_computed_is_what_was_measured(int window, int memory, int kibibytes) =>
        Assert.InRange(DeflateMemory.SizeOf(new DeflateSettings { WindowBits = window, MemoryLevel = memory }) / 1024.0, kibibytes - 2, kibibytes + 2);

    [Fact]
    public void A_server_declines_when_there_is_no_memory_to_inflate_with_and_accepts_when_there_is_again()
    {
        var memory = new DeflateMemory(2 * InflaterSize);
        ExtensionInstance first = Accept(memory)!, second = Accept(memory)!;

        Assert.Null(Accept(memory));
        Assert.Null(new DeflateFrame(new DeflateFrameOptions { Memory = memory }).Accept(new ExtensionOffer("deflate-frame")));
        Assert.Equal(memory.Limit, memory.Used);
        first.Dispose();
        first.Dispose();
        using ExtensionInstance? third = Accept(memory);
        Assert.NotNull(third);
        second.Dispose();
        Assert.Equal(InflaterSize, memory.Used);
    }

    [Fact]
    public void A_client_inflates_what_it_asked_for_and_counts()
    {
        var memory = new DeflateMemory(InflaterSize);
        var extension = new DeflateMessage(new DeflateMessageOptions { Memory = memory });
        using ExtensionInstance first = extension.Confirm(new ExtensionOffer("permessage-deflate"))!;
        using ExtensionInstance second = extension.Confirm(new ExtensionOffer("permessage-deflate"))!;

        Assert.Equal(2 * InflaterSize, memory.Used);
    }

    [Fact]
    public void Without_memory_to_compress_messages_leave_as_they_are_until_there_is_some_RFC7692_6()
    {
        var memory = new DeflateMemory((2 * InflaterSize) + DeflaterSize);
        ExtensionInstance first = Accept(memory)!;
        using ExtensionInstance second = Accept(memory)!;

        Assert.Equal(ReservedBits.Rsv1, first.BeginSend(Opcode.Text, Prose, end: true));
        Assert.Equal(ReservedBits.None, second.BeginSend(Opcode.Text, Prose, end: true));
        first.Dispose();
        Assert.Equal(ReservedBits.Rsv1, second.BeginSend(Opcode.Text, Prose, end: true));
        Assert.Equal(Prose, new Judge(15, takeover: true).Inflate(Send(second, Prose)).Bytes);
    }

    [Fact]
    public void Contexts_are_taken_at_first_use_and_those_that_forget_are_shared()
    {
        const int Connections = 50;
        var memory = new DeflateMemory(100 << 20, maxPooled: 1);
        ExtensionInstance[] all = [.. Enumerable.Range(0, Connections).Select(_ => Accept(memory, "server_no_context_takeover", "client_no_context_takeover")!)];
        Assert.Equal(Connections * InflaterSize, memory.Used);
        using var peer = new DeflateSender();
        foreach (ExtensionInstance instance in all)
        {
            Assert.Equal(ReservedBits.Rsv1, instance.BeginSend(Opcode.Text, Prose, end: true));
            Assert.Equal(Prose, new Judge(15, takeover: false).Inflate(Send(instance, Prose)).Bytes);
            Assert.Equal(Prose, Receive(instance, peer.Whole(Prose)).Bytes);
        }

        Assert.Equal((Connections * InflaterSize) + DeflaterSize + InflaterSize, memory.Used);
        foreach (ExtensionInstance instance in all)
        {
            instance.Dispose();
        }

        Assert.Equal(DeflaterSize + InflaterSize, memory.Used);
    }

    [Fact]
    public void What_waits_in_the_pool_makes_room_for_what_is_needed()
    {
        var memory = new DeflateMemory(DeflaterSize + (2 * InflaterSize), maxPooled: 4);
        using (ExtensionInstance once = Accept(memory, "server_no_context_takeover")!)
        {
            Assert.Equal(ReservedBits.Rsv1, once.BeginSend(Opcode.Text, Prose, end: true));
            Send(once, Prose);
        }

        Assert.Equal(DeflaterSize, memory.Used);
        ExtensionInstance[] many = [.. Enumerable.Range(0, (int)(memory.Limit / InflaterSize)).Select(_ => Accept(memory)!)];
        Assert.DoesNotContain(null, many);
        Assert.Equal(many.Length * InflaterSize, memory.Used);
        Array.ForEach(many, one => one.Dispose());
    }

    [Fact]
    public void A_shared_inflater_shows_nobody_what_another_connection_received_RFC7692_7_1_1_2()
    {
        var memory = new DeflateMemory(100 << 20, maxPooled: 1);
        using ExtensionInstance victim = Accept(memory, "client_no_context_takeover")!, thief = Accept(memory, "client_no_context_takeover")!;
        using var peer = new DeflateSender();
        byte[] first = peer.InContext(Prose);
        byte[] referring = peer.InContext(Prose);
        Assert.True(referring.Length < first.Length / 4);

        Assert.Equal(Prose, Receive(victim, first).Bytes);
        (ExtensionStatus status, byte[] bytes) = Receive(thief, referring);
        Assert.Equal(ExtensionStatus.InvalidData, status);
        Assert.Empty(bytes);

        // What failed is no longer in the pool, and the next one works.
        Assert.Equal(Prose, Receive(victim, first).Bytes);
    }

    [Fact]
    public void A_shared_deflater_refers_to_nothing_that_another_connection_sent()
    {
        var memory = new DeflateMemory(100 << 20, maxPooled: 1);
        using ExtensionInstance one = Accept(memory, "server_no_context_takeover")!, other = Accept(memory, "server_no_context_takeover")!;
        byte[] sent = Send(one, Prose);

        Assert.Equal(sent, Send(other, Prose));
        byte[] noise = Samples.Random(1000, 3).ToArray();
        Assert.False(one.KeepsResult(noise.Length, Send(one, noise).Length));
        Assert.Equal(sent, Send(other, Prose));
    }

    [Fact]
    public void What_was_idle_is_released_and_what_follows_begins_anew()
    {
        var memory = new DeflateMemory(100 << 20);
        using ExtensionInstance instance = Accept(memory)!;
        var judge = new Judge(15, takeover: true);
        Assert.Equal(TimeSpan.FromMinutes(1), instance.IdleTime);
        int[] sizes = new int[3];
        for (int i = 0; i < sizes.Length; i++)
        {
            byte[] sent = Send(instance, Prose);
            Assert.Equal(Prose, judge.Inflate(sent).Bytes);
            sizes[i] = sent.Length;
            if (i == 1)
            {
                Assert.Equal(InflaterSize + DeflaterSize, memory.Used);
                instance.ReleaseIdle();
                instance.ReleaseIdle();
                Assert.Equal(InflaterSize, memory.Used);
            }
        }

        Assert.True(sizes[1] < sizes[0] / 4);
        Assert.Equal(sizes[0], sizes[2]);
    }

    [Fact]
    public void Nothing_is_released_in_the_middle_of_a_message()
    {
        using ExtensionInstance instance = Accept(new DeflateMemory(100 << 20))!;
        var output = new ArrayBufferWriter<byte>();
        instance.BeginSend(Opcode.Text, Prose, end: false);
        instance.Send(Prose, output, end: false);
        instance.ReleaseIdle();
        instance.Send(Prose, output, end: true);

        Assert.Equal([.. Prose, .. Prose], new Judge(15, takeover: true).Inflate(output.WrittenSpan.ToArray()).Bytes);
    }

    [Fact]
    public void What_ends_in_the_middle_of_a_message_is_given_back_and_not_shared()
    {
        var memory = new DeflateMemory(100 << 20);
        ExtensionInstance ending = Accept(memory, "server_no_context_takeover", "client_no_context_takeover")!;
        ending.BeginSend(Opcode.Text, Prose, end: false);
        ending.Send(Prose, new ArrayBufferWriter<byte>(), end: false);
        using var peer = new DeflateSender();
        ReadOnlySpan<byte> half = peer.Whole(Prose).AsSpan(0, 50);
        Assert.True(ending.BeginReceive(Opcode.Text, ReservedBits.Rsv1));
        Assert.Equal(ExtensionStatus.NeedsInput, ending.Receive(ref half, new byte[10_000], out _, end: false));
        ending.Dispose();

        Assert.Equal(0, memory.Used);
        Assert.Equal(ReservedBits.None, ending.BeginSend(Opcode.Text, Prose, end: true));
    }

    [Fact]
    public void Whatever_the_end_comes_between_nothing_is_lost_and_nothing_is_counted_twice()
    {
        var memory = new DeflateMemory(100 << 20, maxPooled: 1);
        for (int i = 0; i < 200; i++)
        {
            ExtensionInstance instance = Accept(memory, i % 2 == 0 ? ["server_no_context_takeover"] : [])!;
            using var begun = new Barrier(2);
            bool ended = false;
            var sending = new Thread(() =>
            {
                begun.SignalAndWait();
                try
                {
                    while (!Volatile.Read(ref ended) && instance.BeginSend(Opcode.Text, Prose, end: true) != ReservedBits.None)
                    {
                        Send(instance, Prose);
                    }
                }
                catch (Exception exception) when (exception is ObjectDisposedException or InsufficientMemoryException)
                {
                    // The end came in the middle.
                }
            });
            sending.Start();
            begun.SignalAndWait();
            Thread.SpinWait(i * 50);
            instance.Dispose();
            Volatile.Write(ref ended, true);
            sending.Join();
        }

        Assert.Contains(memory.Used, new long[] { 0, DeflaterSize });
    }

    [Fact]
    public void A_time_that_no_timer_takes_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new DeflateMessageOptions { ReleaseAfter = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DeflateMessageOptions { ReleaseAfter = TimeSpan.MaxValue });
        Assert.Equal(Timeout.InfiniteTimeSpan, new DeflateMessageOptions { ReleaseAfter = Timeout.InfiniteTimeSpan }.ReleaseAfter);
        Assert.Throws<ArgumentNullException>(() => new DeflateMessageOptions { Memory = null! });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DeflateMemory(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DeflateMemory(1, -1));
    }

    [Fact]
    public void Who_is_forgotten_gives_its_memory_back()
    {
        var memory = new DeflateMemory(100 << 20);
        Forget(memory);
        for (int i = 0; i < 10 && memory.Used > 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(0, memory.Used);
    }

    [Fact]
    public void Sending_without_context_allocates_nothing()
    {
        using ExtensionInstance instance = Accept(new DeflateMemory(100 << 20), "server_no_context_takeover")!;
        var output = new ArrayBufferWriter<byte>(10_000);
        long least = long.MaxValue;
        for (int i = 0; i < 20; i++)
        {
            output.ResetWrittenCount();
            long before = GC.GetAllocatedBytesForCurrentThread();
            instance.BeginSend(Opcode.Text, Prose, end: true);
            instance.Send(Prose, output, end: true);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(DeflateMemory memory) => Send(Accept(memory)!, Prose);

    private static ExtensionInstance? Accept(DeflateMemory memory, params string[] flags) =>
        new DeflateMessage(new DeflateMessageOptions { Memory = memory }).Accept(new ExtensionOffer("permessage-deflate", [.. flags.Select(flag => new ExtensionParameter(flag))]))?.Instance;

    private static byte[] Send(ExtensionInstance instance, byte[] message)
    {
        var output = new ArrayBufferWriter<byte>();
        instance.Send(message, output, end: true);
        return output.WrittenSpan.ToArray();
    }

    private static (ExtensionStatus Status, byte[] Bytes) Receive(ExtensionInstance instance, byte[] sent)
    {
        Assert.True(instance.BeginReceive(Opcode.Text, ReservedBits.Rsv1));
        ReadOnlySpan<byte> input = sent;
        byte[] output = new byte[20_000];
        ExtensionStatus status = instance.Receive(ref input, output, out int written, end: true);
        return (status, status == ExtensionStatus.NeedsInput ? output[..written] : []);
    }

    /// <summary>A peer that compresses with or without context, whatever was agreed on.</summary>
    private sealed class DeflateSender : IDisposable
    {
        private readonly Wspy.Compression.Deflater _deflater = Wspy.Compression.Deflater.Create(new DeflateSettings());

        public byte[] InContext(byte[] message)
        {
            var output = new ArrayBufferWriter<byte>();
            _deflater.Deflate(message, output, DeflateFlush.Sync);
            return output.WrittenSpan[..^4].ToArray();
        }

        public byte[] Whole(byte[] message)
        {
            _deflater.Reset();
            return InContext(message);
        }

        public void Dispose() => _deflater.Dispose();
    }
}
