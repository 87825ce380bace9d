using Wspy.Buffers;

namespace Wspy.Tests.Buffers;

public class BufferPoolTests
{
    [Fact]
    public void Arrays_are_at_least_as_long_as_asked_for()
    {
        foreach (int length in (int[])[0, 1, 255, 256, 257, 100_000])
        {
            byte[] array = BufferPool.Rent(length);
            Assert.True(array.Length >= length);
            BufferPool.Return(array);
        }
    }

#if DEBUG
    [Fact]
    public void Debug_builds_poison_what_is_rented_and_what_is_returned()
    {
        byte[] array = BufferPool.Rent(1000);
        Assert.False(array.AsSpan().ContainsAnyExcept(BufferPool.Poison));
        array.AsSpan().Clear();
        BufferPool.Return(array);

        // Its last bytes tell that it was returned.
        Assert.False(array.AsSpan(..^16).ContainsAnyExcept(BufferPool.Poison));
    }

    [Fact]
    public void Debug_builds_refuse_what_is_returned_twice()
    {
        foreach (int length in (int[])[16, 1024, 1 << 20])
        {
            // One that was never rented, so that no other test gets it meanwhile.
            byte[] array = new byte[length];
            BufferPool.Return(array);
            Assert.Throws<InvalidOperationException>(() => BufferPool.Return(array));
        }

        // Rented and returned without a byte written, many times.
        for (int i = 0; i < 100; i++)
        {
            BufferPool.Return(BufferPool.Rent(i * 100));
        }
    }

    [Fact]
    public void Debug_builds_allocate_nothing_for_an_array_that_is_rented_again()
    {
        BufferPool.Return(BufferPool.Rent(1000));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            BufferPool.Return(BufferPool.Rent(1000));
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
#endif

    [Fact]
    public void A_run_of_poison_is_no_text_and_no_frame()
    {
        byte[] poison = [BufferPool.Poison, BufferPool.Poison, BufferPool.Poison];
        Assert.False(Utf8Validator.IsValid(poison));
        Assert.Equal(1, new Utf8Validator().Validate(poison));
        Assert.True(((Opcode)(BufferPool.Poison & 0xF)).IsReserved());
    }
}
