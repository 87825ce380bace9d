using System.Collections.Concurrent;
using System.Diagnostics;
using Wspy.Tool.Bench.Load;

namespace Wspy.Tool.Bench.Portable;

/// <summary>One connection of the library's client: one task sends while there is room in the window, another receives.</summary>
internal sealed class PortableConnection(int number, int window, FrameTemplate template, bool verify, PortableTally tally) : IDisposable
{
    // Times at which the messages under way were sent, or were due. The sender adds, the receiver takes away.
    private readonly ConcurrentQueue<long> _times = new();
    private readonly SemaphoreSlim _room = new(window);
    private Connection? _connection;
    private long _sent;
    private long _echoed;
    private long _answered;

    /// <summary>Whether it is only held, and sends nothing.</summary>
    public bool IsIdle => window == 0;

    /// <summary>After a paced run: messages that were due and have no answer.</summary>
    public long Unanswered { get; private set; }

    public void Open(WebSocket webSocket) => _connection = new Connection(webSocket);

    public async Task RunAsync(Pace? pace, LoadWindow window, CancellationToken cancellationToken)
    {
        // Both, so that an error of either is seen; the first one ends the other.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task receiving = UntilEitherEndsAsync(ReceiveAsync(either.Token), either);
        Task sending = IsIdle ? Task.CompletedTask : UntilEitherEndsAsync(SendAsync(pace, window, either.Token), either);
        try
        {
            await Task.WhenAll(receiving, sending).ConfigureAwait(false);
        }
        finally
        {
            Unanswered = pace is null || IsIdle ? 0 : CountDue(pace, Math.Min(Stopwatch.GetTimestamp(), window.Until)) - _answered;
        }
    }

    public void Dispose()
    {
        _connection?.WebSocket.Abort();
        _room.Dispose();
    }

    private static async Task UntilEitherEndsAsync(Task task, CancellationTokenSource either)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // The other one, or the run, has ended.
        }
        finally
        {
            await either.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task SendAsync(Pace? pace, LoadWindow window, CancellationToken cancellationToken)
    {
        while (true)
        {
            await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
            long time = pace is null ? Stopwatch.GetTimestamp() : await DueAsync(pace.TimeOf(number, _sent), cancellationToken).ConfigureAwait(false);
            if (time >= window.Until)
            {
                return;
            }

            _times.Enqueue(time);
            await _connection!.SendAsync(template.Payloads[_sent++ % template.Count], template.Opcode, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            using MessageLease echo = await _connection!.ReceiveLeaseAsync(cancellationToken).ConfigureAwait(false);
            if (!_times.TryDequeue(out long time))
            {
                throw new LoadException("The server sent a message that is the echo of none.");
            }

            Check(echo, template.Payloads[_echoed++ % template.Count]);
            if (!tally.Record(time))
            {
                return;
            }

            _answered++;
            _room.Release();
        }
    }

    private void Check(MessageLease echo, ReadOnlySpan<byte> expected)
    {
        ReadOnlySpan<byte> payload = echo.Payload.Span;
        if (echo.Opcode != template.Opcode || payload.Length != expected.Length)
        {
            throw new LoadException($"An echo is not what was sent: {echo.Opcode} of {payload.Length:N0} bytes, not {template.Opcode} of {expected.Length:N0}.");
        }

        if (verify && !payload.SequenceEqual(expected))
        {
            int at = payload.CommonPrefixLength(expected);
            throw new LoadException($"An echo differs from what was sent: byte {at:N0} of {expected.Length:N0} is 0x{payload[at]:X2}, not 0x{expected[at]:X2}.");
        }
    }

    // The system's timers count in milliseconds: a message may leave that much after its time, and its latency says so.
    private static async ValueTask<long> DueAsync(long time, CancellationToken cancellationToken)
    {
        long left = time - Stopwatch.GetTimestamp();
        if (left > 0)
        {
            await Task.Delay(TimeSpan.FromSeconds(LoadWindow.Seconds(left)), cancellationToken).ConfigureAwait(false);
        }

        return time;
    }

    private long CountDue(Pace pace, long now)
    {
        // Few: what is due and was not sent.
        long due = _sent;
        while (pace.TimeOf(number, due) <= now)
        {
            due++;
        }

        return due;
    }
}
