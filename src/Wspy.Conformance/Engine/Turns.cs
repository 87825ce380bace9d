namespace Wspy.Conformance.Engine;

/// <summary>
/// Lets cases run side by side, and those that must be alone alone; in the order in which they ask, so that none waits for ever.
/// Safe from any thread.
/// </summary>
internal sealed class Turns
{
    private readonly Lock _gate = new();
    private readonly Queue<(bool Alone, TaskCompletionSource Turn)> _waiting = new();
    private int _running;
    private bool _alone;

    /// <summary>Waits for the turn of a case.</summary>
    /// <exception cref="OperationCanceledException">The wait was ended, and there is nothing to end.</exception>
    public async Task TakeAsync(bool alone, CancellationToken cancellationToken)
    {
        TaskCompletionSource turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Enqueue((alone, turn));
            Next();
        }

        using CancellationTokenRegistration end = cancellationToken.Register(() => turn.TrySetCanceled(cancellationToken));
        await turn.Task.ConfigureAwait(false);
    }

    /// <summary>Ends the turn of a case.</summary>
    public void End()
    {
        lock (_gate)
        {
            _running--;
            _alone = false;
            Next();
        }
    }

    private void Next()
    {
        while (!_alone && _waiting.TryPeek(out (bool Alone, TaskCompletionSource Turn) first) && (!first.Alone || _running == 0 || first.Turn.Task.IsCanceled))
        {
            _waiting.Dequeue();
            if (first.Turn.TrySetResult())
            {
                _running++;
                _alone = first.Alone;
            }
        }
    }
}
