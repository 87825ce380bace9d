namespace Wspy.Interop.Tests.Harness;

/// <summary>Something that a server saw on a connection.</summary>
/// <param name="Event">open, ping, pong, close or error.</param>
internal sealed record PeerEvent(
    string Event, string? Path = null, string? Origin = null, string? Subprotocol = null, string? Extensions = null, string? Payload = null, int Code = 0, string? Reason = null, string? Message = null);

/// <summary>The events of a server in their order; each kind is taken one by one, waiting for the next.</summary>
internal sealed class EventLog
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<PeerEvent> _events = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Add(PeerEvent item)
    {
        TaskCompletionSource changed;
        lock (_events)
        {
            _events.Add(item);
            (changed, _changed) = (_changed, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        changed.SetResult();
    }

    /// <summary>Takes the first event of a kind that was not yet taken.</summary>
    /// <exception cref="TimeoutException">None came within 20 s.</exception>
    public async Task<PeerEvent> TakeAsync(string kind)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            Task changed;
            lock (_events)
            {
                int index = _events.FindIndex(item => item.Event == kind);
                if (index >= 0)
                {
                    PeerEvent found = _events[index];
                    _events.RemoveAt(index);
                    return found;
                }

                changed = _changed.Task;
            }

            try
            {
                await changed.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"No event '{kind}' within {Patience.TotalSeconds} s; others: {string.Join(", ", _events)}");
            }
        }
    }
}
