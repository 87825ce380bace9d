using System.Diagnostics;

namespace Wspy.Conformance.Wire;

/// <summary>What went over the wire in one case, with times. Safe from any thread.</summary>
internal sealed class WireLog
{
    /// <summary>Of each entry so many bytes are kept; large payloads are patterns that the report can do without.</summary>
    private const int BytesPerEntry = 1024;

    /// <summary>A flood of small frames ends here, and is only counted.</summary>
    private const int MaxEntries = 1000;

    private readonly Lock _gate = new();
    private readonly List<WireEntry> _entries = [];
    private readonly long _began = Stopwatch.GetTimestamp();
    private int _dropped;

    public TimeSpan Now => Stopwatch.GetElapsedTime(_began);

    public void Sent(ReadOnlySpan<byte> bytes, string text) => Add(WireDirection.Sent, bytes, bytes.Length, text);

    public void Received(ReadOnlySpan<byte> bytes, long size, string text) => Add(WireDirection.Received, bytes, size, text);

    public void Remark(string text) => Add(WireDirection.Remark, [], 0, text);

    public IReadOnlyList<WireEntry> ToList()
    {
        lock (_gate)
        {
            return _dropped == 0 ? [.. _entries] : [.. _entries, new WireEntry(Now, WireDirection.Remark, 0, default, $"and {_dropped:N0} more")];
        }
    }

    private void Add(WireDirection direction, ReadOnlySpan<byte> bytes, long size, string text)
    {
        lock (_gate)
        {
            if (_entries.Count >= MaxEntries)
            {
                _dropped++;
                return;
            }

            _entries.Add(new WireEntry(Now, direction, size, bytes[..Math.Min(bytes.Length, BytesPerEntry)].ToArray(), text));
        }
    }
}
