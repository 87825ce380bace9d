using System.Diagnostics;
using Wspy.Tool.Bench.Load;

namespace Wspy.Tool.Bench.Portable;

/// <summary>What all connections count together. Safe from any thread.</summary>
internal sealed class PortableTally
{
    private readonly Lock _lock = new();
    private LoadWindow _window;
    private long _count;

    public Latencies Latencies { get; } = new();

    public long Count => Interlocked.Read(ref _count);

    public void Begin(LoadWindow window) => _window = window;

    /// <summary>Something that began at this time is done now.</summary>
    /// <returns>Whether that was before the end of the window.</returns>
    public bool Record(long start)
    {
        long now = Stopwatch.GetTimestamp();
        if (now >= _window.Until)
        {
            return false;
        }

        Interlocked.Increment(ref _count);
        if (_window.Contains(now))
        {
            lock (_lock)
            {
                Latencies.Record(LoadWindow.Nanoseconds(now - start));
            }
        }

        return true;
    }
}
