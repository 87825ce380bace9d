using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Wspy.Loop;

/// <summary>A span in the form of memory, for a call that wants memory and has returned it when it returns: while it lasts, whoever lends it keeps it pinned.</summary>
internal sealed unsafe class BorrowedMemory : MemoryManager<byte>
{
    private byte* _start;
    private int _length;

    /// <param name="start">Of pinned memory.</param>
    /// <param name="length">Its size in bytes, from the span that the pointer was taken from.</param>
    public Memory<byte> Borrow(byte* start, int length)
    {
        _start = start;
        _length = length;
        return CreateMemory(length);
    }

    /// <summary>Forgets it: a use that outlived the call sees nothing instead of somebody else's memory.</summary>
    public void Return()
    {
        _start = null;
        _length = 0;
    }

    public override Span<byte> GetSpan() => new(_start, _length);

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)_length, nameof(elementIndex));
        return new MemoryHandle(_start + elementIndex);
    }

    public override void Unpin()
    {
        // It is pinned by who lends it.
    }

    [SuppressMessage("Usage", "CA2215", Justification = "There is nothing to dispose.")]
    protected override void Dispose(bool disposing) => Return();
}
