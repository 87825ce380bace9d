using Wspy.Compression;

namespace Wspy.Extensions;

/// <summary>The native memory of compression, with a limit for all connections that share it, and the contexts that they take in turn.</summary>
/// <remarks>
/// <para>Safe from any thread.</para>
/// <para>
/// A server that negotiates compression promises to inflate whatever the client sends, so the memory for that is set aside at once; when there is none
/// left, the server declines the extension, and the connection is as good as any, but plain. Memory to compress with is taken when it is first
/// needed; when there is none left, messages leave as they are, which RFC 7692 §6 allows at any time. A client's memory counts as well,
/// but it inflates whatever it asked for, beyond the limit if need be.
/// </para>
/// </remarks>
public sealed class DeflateMemory
{
    private const int Kibibyte = 1024;

    // zlib-ng's inflater, whatever its window: one of 32 KiB, its copy for the end of a buffer, the state with its tables.
    internal const int InflaterSize = 42 * Kibibyte;

    private readonly Lock _gate = new();
    private readonly List<(DeflateSettings Settings, CompressionBackend Backend, Deflater Context)> _deflaters = [];
    private readonly List<(int WindowBits, CompressionBackend Backend, Inflater Context)> _inflaters = [];
    private long _used;

    /// <summary>Creates a limit.</summary>
    /// <param name="limit">See <see cref="Limit"/>.</param>
    /// <param name="maxPooled">See <see cref="MaxPooled"/>.</param>
    public DeflateMemory(long limit, int maxPooled = 8)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        ArgumentOutOfRangeException.ThrowIfNegative(maxPooled);
        Limit = limit;
        MaxPooled = maxPooled;
    }

    /// <summary>What all extensions share that are told nothing else: 512 MiB, enough for about 1,400 connections that keep a context both ways with the defaults.</summary>
    public static DeflateMemory Shared { get; } = new(512L * Kibibyte * Kibibyte);

    /// <summary>How much may be taken or set aside at a time, in bytes.</summary>
    public long Limit { get; }

    /// <summary>How many compressors, and how many inflaters, are kept for the next connection that needs one for a message without context.</summary>
    /// <value>Default 8 of each: at a time a thread works on one message.</value>
    public int MaxPooled { get; }

    /// <summary>How much is taken or set aside now, in bytes, as zlib needs it: computed, not measured.</summary>
    public long Used
    {
        get
        {
            lock (_gate)
            {
                return _used;
            }
        }
    }

    /// <summary>What zlib-ng takes: a fixed hash table of 128 KiB, four bytes for each of the window's, five for each symbol of its buffer, and its state.</summary>
    internal static int SizeOf(in DeflateSettings settings) =>
        (135 * Kibibyte) + (4 << Math.Max(settings.WindowBits, CompressionSupport.SmallestWindowBits + 1)) + (5 << (settings.MemoryLevel + 6));

    internal bool TryAdd(long bytes, bool force = false)
    {
        lock (_gate)
        {
            while (!force && bytes > Limit - _used && TrimOne())
            {
                // What nobody uses makes room.
            }

            if (!force && bytes > Limit - _used)
            {
                return false;
            }

            _used += bytes;
            return true;
        }
    }

    internal void Subtract(long bytes)
    {
        lock (_gate)
        {
            _used -= bytes;
        }
    }

    /// <summary>A deflater that has worked before and refers to nothing, which counts as the taker's from now on; null if there is none.</summary>
    internal Deflater? TryTake(in DeflateSettings settings, CompressionBackend backend)
    {
        lock (_gate)
        {
            for (int i = _deflaters.Count - 1; i >= 0; i--)
            {
                if (_deflaters[i].Settings == settings && _deflaters[i].Backend == backend)
                {
                    Deflater found = _deflaters[i].Context;
                    _deflaters.RemoveAt(i);
                    return found;
                }
            }

            return null;
        }
    }

    /// <summary>Keeps a deflater that refers to nothing.</summary>
    /// <returns>False when none are kept: it stays the giver's.</returns>
    internal bool TryKeep(Deflater context, in DeflateSettings settings, CompressionBackend backend)
    {
        lock (_gate)
        {
            if (MaxPooled == 0)
            {
                return false;
            }

            // The one that was kept longest may be of settings that nobody uses any more.
            if (_deflaters.Count >= MaxPooled)
            {
                TrimDeflater();
            }

            _deflaters.Add((settings, backend, context));
            return true;
        }
    }

    /// <summary>An inflater with an empty window, for which the taker has set memory aside; null if there is none.</summary>
    internal Inflater? TryTakeInflater(int windowBits, CompressionBackend backend)
    {
        lock (_gate)
        {
            // No search with a closure: this is once per message.
            for (int i = _inflaters.Count - 1; i >= 0; i--)
            {
                if (_inflaters[i].WindowBits == windowBits && _inflaters[i].Backend == backend)
                {
                    Inflater found = _inflaters[i].Context;
                    _inflaters.RemoveAt(i);
                    _used -= InflaterSize;
                    return found;
                }
            }

            return null;
        }
    }

    /// <summary>Keeps an inflater with an empty window, besides what its giver has set aside for the next one.</summary>
    /// <returns>False when there is no room: it stays the giver's.</returns>
    internal bool TryKeep(Inflater context, int windowBits, CompressionBackend backend)
    {
        lock (_gate)
        {
            if (_inflaters.Count > 0 && _inflaters.Count >= MaxPooled)
            {
                // As above.
                TrimInflater();
            }

            if (MaxPooled == 0 || InflaterSize > Limit - _used)
            {
                return false;
            }

            _inflaters.Add((windowBits, backend, context));
            _used += InflaterSize;
            return true;
        }
    }

    private bool TrimOne()
    {
        if (_deflaters.Count > 0)
        {
            TrimDeflater();
            return true;
        }

        if (_inflaters.Count > 0)
        {
            TrimInflater();
            return true;
        }

        return false;
    }

    private void TrimDeflater()
    {
        (DeflateSettings settings, _, Deflater context) = _deflaters[0];
        _deflaters.RemoveAt(0);
        context.Dispose();
        _used -= SizeOf(settings);
    }

    private void TrimInflater()
    {
        _inflaters[0].Context.Dispose();
        _inflaters.RemoveAt(0);
        _used -= InflaterSize;
    }
}
