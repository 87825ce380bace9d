using Wspy.Buffers;

namespace Wspy.Tests.Buffers;

public class OutputQueueTests
{
    // Against a list of bytes and of messages with their ends.
    [Fact]
    public void Random_operations_keep_bytes_order_and_owners()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            using var queue = new OutputQueue();
            var model = new List<(byte[] Bytes, object? Message, bool Begun)>();
            for (int step = 0; step < 60; step++)
            {
                byte[] bytes = new byte[random.Next(1, 3) == 1 ? random.Next(1, 30) : random.Next(1, 6000)];
                random.NextBytes(bytes);
                switch (random.Next(5))
                {
                    case 0:
                        queue.Append(bytes);
                        model.Add((bytes, null, false));
                        break;
                    case 1:
                        byte[] array = BufferPool.Rent(bytes.Length + 7);
                        bytes.CopyTo(array, 7);
                        object? message = random.Next(2) == 0 ? new object() : null;
                        queue.AppendOwned(array, 7, 7 + bytes.Length, message);
                        model.Add((bytes, message, false));
                        break;
                    case 2:
                        int oldest = model.FindIndex(entry => entry.Message is not null && !entry.Begun);
                        Assert.Equal(oldest < 0 ? 0 : model[oldest].Bytes.Length, queue.DropOldest());
                        if (oldest >= 0)
                        {
                            model.RemoveAt(oldest);
                        }

                        break;
                    default:
                        Consume(queue, model, random);
                        break;
                }

                byte[] expected = [.. model.SelectMany(entry => entry.Bytes)];
                Assert.Equal(expected.Length, queue.Count);
                Assert.Equal(expected.Length == 0, queue.IsEmpty);
                byte[] seen = [.. queue.First, .. queue.Second];
                Assert.True(seen.AsSpan().SequenceEqual(expected.AsSpan(0, seen.Length)));
                Assert.True(seen.Length > 0 || expected.Length == 0);
            }
        }
    }

    // Memory is no limit for what was prepared once and waits many times.
    [Fact]
    public void Shared_arrays_may_be_more_than_an_int_counts()
    {
        using var queue = new OutputQueue();
        byte[] shared = GC.AllocateUninitializedArray<byte>(64 * 1024 * 1024);
        long count = 0;
        while (count <= int.MaxValue)
        {
            queue.AppendShared(shared);
            count += shared.Length;
            Assert.Equal(count, queue.Count);
        }

        while (count > 0)
        {
            queue.Consume(shared.Length, out _);
            count -= shared.Length;
            Assert.Equal(count, queue.Count);
        }

        Assert.True(queue.IsEmpty);
    }

    private static void Consume(OutputQueue queue, List<(byte[] Bytes, object? Message, bool Begun)> model, Random random)
    {
        int sent = random.Next(Math.Min(queue.First.Length + queue.Second.Length, (int)queue.Count) + 1);
        var told = new List<object>();
        for (int left = sent; left > 0;)
        {
            left = queue.Consume(left, out object? message);
            if (message is not null)
            {
                told.Add(message);
            }
        }

        var expected = new List<object>();
        while (sent > 0)
        {
            (byte[] bytes, object? message, _) = model[0];
            if (bytes.Length > sent)
            {
                model[0] = (bytes[sent..], message, true);
                break;
            }

            sent -= bytes.Length;
            model.RemoveAt(0);
            if (message is not null)
            {
                expected.Add(message);
            }
        }

        Assert.Equal(expected, told);
    }
}
