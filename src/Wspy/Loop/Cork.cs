using System.Buffers;

namespace Wspy.Loop;

/// <summary>The one buffer of a loop in which the replies of the connection that is being read gather, to leave in one send.</summary>
internal sealed class Cork : IBufferWriter<byte>
{
    public const int Size = 128 * 1024;

    /// <summary>Up to this size a payload is copied; from here on a gathering send without a copy is cheaper.</summary>
    public const int MaxCopied = 8 * 1024;

    // Pinned, so that taking its address costs nothing.
    private readonly byte[] _array = GC.AllocateUninitializedArray<byte>(Size, pinned: true);

    public int Count { get; private set; }

    public int Free => Size - Count;

    public Span<byte> Room => _array.AsSpan(Count);

    public ReadOnlySpan<byte> Written => _array.AsSpan(0, Count);

    public Span<byte> GetSpan(int sizeHint = 0) => _array.AsSpan(Count);

    public Memory<byte> GetMemory(int sizeHint = 0) => _array.AsMemory(Count);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)Free, nameof(count));
        Count += count;
    }

    public void Clear() => Count = 0;
}
