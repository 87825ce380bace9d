using System.Numerics;
using Wspy.Buffers;

namespace Wspy;

/// <summary>Joins what arrives in pieces: the fragments of a message, or the parts of a frame larger than a read.</summary>
/// <remarks>Not thread-safe. Never holds more than <see cref="GrowthFactor"/> times what has really arrived, whatever length was declared, and the least worth allocating.</remarks>
internal sealed class MessageAssembler : IDisposable
{
    /// <summary>What a peer that declares much and sends little can make us hold, per byte that it sends.</summary>
    public const int GrowthFactor = 4;

    /// <summary>The least worth allocating: below it a read brings the rest anyway.</summary>
    private const int MinCapacity = 1024;

    private readonly PooledBuffer _buffer = new();

    public int Count => _buffer.Count;

    public int Capacity => _buffer.Capacity;

    public Span<byte> Written => _buffer.WrittenSpan;

    /// <param name="chunk">What arrived.</param>
    /// <param name="expected">How many more bytes were declared after this chunk.</param>
    public void Append(ReadOnlySpan<byte> chunk, long expected)
    {
        // An empty fragment, or a header whose payload has not come: nothing to hold memory for.
        if (chunk.IsEmpty)
        {
            return;
        }

        Reserve(chunk.Length, expected);
        chunk.CopyTo(_buffer.GetSpan(chunk.Length));
        _buffer.Advance(chunk.Length);
    }

    /// <summary>Room into which the next <paramref name="expected"/> declared bytes can be received in place; at least <paramref name="least"/> bytes of it.</summary>
    public Memory<byte> GetTail(long expected, int least = 1)
    {
        Reserve(1, expected - 1);
        Memory<byte> room = _buffer.GetMemory(least);
        return room.Length > expected ? room[..(int)expected] : room;
    }

    public Span<byte> Commit(int count)
    {
        int start = _buffer.Count;
        _buffer.Advance(count);
        return _buffer.WrittenSpan[start..];
    }

    public void Clear() => _buffer.Clear();

    public byte[] Detach(out int count) => _buffer.Detach(out count);

    public void Dispose() => _buffer.Dispose();

    private void Reserve(int now, long later)
    {
        long arrived = (long)_buffer.Count + now;
        if (arrived <= _buffer.Capacity)
        {
            return;
        }

        // All that was declared, as far as what has arrived vouches for it: down to a power of two, since the pool rounds up to one.
        long vouched = (long)(BitOperations.RoundUpToPowerOf2((ulong)arrived * GrowthFactor + 1) >> 1);
        long wanted = Math.Min(later, vouched - arrived) + arrived;
        _buffer.EnsureCapacity((int)Math.Min(Math.Max(wanted, MinCapacity), Array.MaxLength));
    }
}
