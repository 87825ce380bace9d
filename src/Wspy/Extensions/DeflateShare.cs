using Wspy.Compression;

namespace Wspy.Extensions;

/// <summary>What one connection takes of a <see cref="DeflateMemory"/>, given back at the latest when it is forgotten.</summary>
/// <remarks>
/// Sending and receiving may be on a thread each, and the end on a third. What is taken or returned across the end leaves a difference, more or
/// less than nothing, which whoever comes last settles.
/// </remarks>
internal sealed class DeflateShare(DeflateMemory memory, DeflateSettings settings, int inflaterBits, CompressionBackend backend) : IDisposable
{
    private readonly int _deflaterSize = DeflateMemory.SizeOf(settings);
    private long _bytes;
    private int _disposed;

    ~DeflateShare() => Settle();

    /// <summary>Sets the memory of an inflater aside.</summary>
    public bool TryPromise(bool force) => TryGrow(DeflateMemory.InflaterSize, force);

    /// <summary>A deflater that refers to nothing; null when the memory is used up.</summary>
    /// <param name="pooled">Whether one that served others will do.</param>
    public Deflater? TryTakeDeflater(bool pooled)
    {
        if (Volatile.Read(ref _disposed) != 0)
        {
            return null;
        }

        if (pooled && memory.TryTake(settings, backend) is { } used)
        {
            Interlocked.Add(ref _bytes, _deflaterSize);
            return IfNotDisposed(used);
        }

        if (!TryGrow(_deflaterSize, force: false))
        {
            return null;
        }

        try
        {
            return IfNotDisposed(Deflater.Create(settings, backend));
        }
        catch
        {
            Shrink(_deflaterSize);
            throw;
        }
    }

    /// <param name="deflater">From <see cref="TryTakeDeflater"/>.</param>
    /// <param name="forgot">Whether it refers to nothing any more.</param>
    public void Return(Deflater deflater, bool forgot)
    {
        if (forgot && memory.TryKeep(deflater, settings, backend))
        {
            Interlocked.Add(ref _bytes, -_deflaterSize);
        }
        else
        {
            deflater.Dispose();
            Shrink(_deflaterSize);
        }

        SettleIfDisposed();
    }

    /// <summary>The inflater that was promised.</summary>
    /// <param name="pooled">Whether one that served others will do.</param>
    public Inflater TakeInflater(bool pooled) =>
        (pooled ? memory.TryTakeInflater(inflaterBits, backend) : null) ?? Inflater.Create(inflaterBits, backend);

    /// <param name="inflater">From <see cref="TakeInflater"/>; after <see cref="Inflater.Reset"/>.</param>
    public void Return(Inflater inflater)
    {
        if (!memory.TryKeep(inflater, inflaterBits, backend))
        {
            inflater.Dispose();
        }
    }

    public void Dispose()
    {
        Interlocked.Exchange(ref _disposed, 1);
        Settle();
        GC.SuppressFinalize(this);
    }

    private bool TryGrow(long bytes, bool force)
    {
        if (!memory.TryAdd(bytes, force))
        {
            return false;
        }

        Interlocked.Add(ref _bytes, bytes);
        return true;
    }

    private void Shrink(long bytes)
    {
        Interlocked.Add(ref _bytes, -bytes);
        memory.Subtract(bytes);
    }

    private Deflater? IfNotDisposed(Deflater deflater)
    {
        if (!SettleIfDisposed())
        {
            return deflater;
        }

        deflater.Dispose();
        return null;
    }

    private bool SettleIfDisposed()
    {
        // Between a change of the balance and a look at whether somebody else has settled it stands a fence, the change itself.
        if (Volatile.Read(ref _disposed) == 0)
        {
            return false;
        }

        Settle();
        return true;
    }

    private void Settle() => memory.Subtract(Interlocked.Exchange(ref _bytes, 0));
}
