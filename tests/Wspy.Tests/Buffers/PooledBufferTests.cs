using System.Buffers;
using Wspy.Buffers;

namespace Wspy.Tests.Buffers;

public class PooledBufferTests
{
    [Fact]
    public void What_is_written_is_kept_while_the_array_grows()
    {
        using var buffer = new PooledBuffer();
        Assert.Equal((0, 0), (buffer.Count, buffer.Capacity));
        List<byte> expected = [];
        for (int i = 0; i < 300; i++)
        {
            byte[] bytes = [.. Enumerable.Range(0, i).Select(n => (byte)(n + i))];
            bytes.CopyTo(buffer.GetSpan(bytes.Length));
            buffer.Advance(bytes.Length);
            expected.AddRange(bytes);
        }

        Assert.Equal(expected, buffer.WrittenSpan.ToArray());
        Assert.Equal(expected, buffer.WrittenMemory.ToArray());
        Assert.Equal(expected.Count, buffer.Count);
    }

    [Fact]
    public void There_is_always_room_for_what_was_asked_for_and_for_one_byte()
    {
        using var buffer = new PooledBuffer();
        Assert.True(buffer.GetSpan().Length >= 1);
        Assert.True(buffer.GetMemory(1000).Length >= 1000);
        buffer.Advance(buffer.Capacity);
        Assert.True(buffer.GetMemory().Length >= 1);
        Assert.True(buffer.GetSpan(5000).Length >= 5000);
    }

    [Fact]
    public void Growth_doubles_so_that_byte_by_byte_costs_linear_time()
    {
        using var buffer = new PooledBuffer();
        int growths = 0;
        for (int i = 0; i < 100_000; i++)
        {
            int capacity = buffer.Capacity;
            buffer.GetSpan(1)[0] = 1;
            buffer.Advance(1);
            growths += buffer.Capacity != capacity ? 1 : 0;
        }

        Assert.InRange(growths, 1, 10);
    }

    [Fact]
    public void No_more_can_be_advanced_than_there_is_room()
    {
        using var buffer = new PooledBuffer();
        Assert.Throws<ArgumentOutOfRangeException>("count", () => buffer.Advance(1));
        buffer.GetSpan(10);
        buffer.Advance(buffer.Capacity);
        Assert.Throws<ArgumentOutOfRangeException>("count", () => buffer.Advance(1));
        Assert.Throws<ArgumentOutOfRangeException>("count", () => buffer.Advance(-1));
    }

    [Fact]
    public void More_than_an_array_holds_is_refused_before_anything_is_rented()
    {
        using var buffer = new PooledBuffer();
        buffer.GetSpan(1)[0] = 7;
        buffer.Advance(1);
        int capacity = buffer.Capacity;
        Assert.Throws<InsufficientMemoryException>(() => { buffer.GetSpan(Array.MaxLength); });
        Assert.Throws<InsufficientMemoryException>(() => buffer.GetMemory(int.MaxValue));
        Assert.Equal((1, capacity, 7), (buffer.Count, buffer.Capacity, buffer.WrittenSpan[0]));
    }

    [Fact]
    public void Capacity_can_be_ensured_in_one_step_and_is_never_taken_away()
    {
        using var buffer = new PooledBuffer();
        buffer.Write("abc"u8);
        buffer.EnsureCapacity(5000);
        int capacity = buffer.Capacity;
        Assert.InRange(capacity, 5000, 8192);
        buffer.EnsureCapacity(10);
        Assert.Equal(capacity, buffer.Capacity);
        Assert.Equal("abc"u8, buffer.WrittenSpan);
    }

    [Theory]
    [InlineData(0, false, false)]
    [InlineData(0, true, true)]
    [InlineData(4096, false, true)]
    [InlineData(100, false, false)]
    public void Clearing_gives_back_what_is_larger_than_the_capacity_to_keep(int keepCapacity, bool keepArray, bool kept)
    {
        using var buffer = new PooledBuffer(keepCapacity);
        buffer.GetSpan(1000);
        buffer.Advance(1000);
        int capacity = buffer.Capacity;
        buffer.Clear(keepArray);
        Assert.Equal((0, kept ? capacity : 0), (buffer.Count, buffer.Capacity));
        buffer.Write("again"u8);
        Assert.Equal("again"u8, buffer.WrittenSpan);
    }

    [Fact]
    public void A_detached_array_belongs_to_the_caller()
    {
        using var buffer = new PooledBuffer();
        buffer.Write("mine"u8);
        byte[] array = buffer.Detach(out int count);
        Assert.Equal((0, 0), (buffer.Count, buffer.Capacity));
        buffer.Write("next"u8);
        buffer.Dispose();
        Assert.Equal("mine"u8, array.AsSpan(0, count));
        BufferPool.Return(array);
        Assert.Empty(new PooledBuffer().Detach(out count));
        Assert.Equal(0, count);
    }

    [Fact]
    public void Dispose_can_be_repeated()
    {
        var buffer = new PooledBuffer();
        buffer.Write("abc"u8);
        buffer.Dispose();
        buffer.Dispose();
        Assert.Equal((0, 0), (buffer.Count, buffer.Capacity));
    }
}
