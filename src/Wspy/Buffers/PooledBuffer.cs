using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Wspy.Buffers;

/// <summary>Bytes gathered in one pooled array that grows by doubling, and is given back when it is cleared or disposed.</summary>
/// <remarks>Not thread-safe. What it handed out is valid until the next call that writes, clears or disposes.</remarks>
internal sealed class PooledBuffer(int keepCapacity = 0) : IBufferWriter<byte>, IDisposable
{
    private const int MinCapacity = 256;

    private byte[] _array = [];

    public int Count { get; private set; }

    public int Capacity => _array.Length;

    public Span<byte> WrittenSpan => _array.AsSpan(0, Count);

    public Memory<byte> WrittenMemory => _array.AsMemory(0, Count);

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsSpan(Count);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsMemory(Count);
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_array.Length - Count), nameof(count));
        Count += count;
    }

    /// <summary>Makes the array at least <paramref name="capacity"/> bytes long, in one step.</summary>
    public void EnsureCapacity(int capacity)
    {
        if (capacity > _array.Length)
        {
            Resize(capacity);
        }
    }

    /// <summary>Forgets what was written; gives an array larger than the capacity to keep back to the pool.</summary>
    public void Clear(bool keepArray = false)
    {
        Count = 0;
        if (!keepArray && _array.Length > keepCapacity)
        {
            Release();
        }
    }

    /// <summary>Hands the array over to the caller, who returns it to <see cref="BufferPool"/>.</summary>
    public byte[] Detach(out int count)
    {
        byte[] array = _array;
        count = Count;
        _array = [];
        Count = 0;
        return array;
    }

    public void Dispose()
    {
        Count = 0;
        Release();
    }

    private void Reserve(int sizeHint)
    {
        int needed = Math.Max(sizeHint, 1);
        if (_array.Length - Count < needed)
        {
            if (Array.MaxLength - Count < needed)
            {
                ThrowTooLarge(needed);
            }

            Resize(Math.Max(MinCapacity, (int)Math.Min(Math.Max((long)Count + needed, (long)_array.Length * 2), Array.MaxLength)));
        }
    }

    private void Resize(int capacity)
    {
        byte[] larger = BufferPool.Rent(capacity);
        WrittenSpan.CopyTo(larger);
        Release();
        _array = larger;
    }

    [DoesNotReturn]
    private void ThrowTooLarge(int needed) =>
        throw new InsufficientMemoryException($"{needed:N0} bytes more than {Count:N0} exceed the largest array ({Array.MaxLength:N0}).");

    private void Release()
    {
        if (_array.Length > 0)
        {
            BufferPool.Return(_array);
            _array = [];
        }
    }
}
