namespace Wspy;

/// <summary>A verdict that comes later, such as from a database.</summary>
/// <remarks>Completed once, by any thread, and good for any number of requests that wait for it; all members are safe from any thread. For tasks there is <c>ToVerdict</c>, which makes one.</remarks>
public sealed class PendingVerdict
{
    private static readonly Action Done = static () => { };

    // The verdict, or the exception in its place: of two that come at the same time one is first.
    private object? _outcome;
    private Action? _continuation;

    internal bool IsCompleted => ReferenceEquals(Volatile.Read(ref _continuation), Done);

    /// <summary>Gives the verdict. The opening handshake goes on, maybe on this thread.</summary>
    /// <exception cref="ArgumentException">The verdict is one that is pending.</exception>
    /// <exception cref="InvalidOperationException">It was given before.</exception>
    public void Complete(AuthenticationVerdict verdict)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        if (verdict.Outcome == AuthenticationOutcome.Pending)
        {
            throw new ArgumentException("A pending verdict cannot be completed by another.", nameof(verdict));
        }

        Conclude(verdict);
    }

    /// <summary>There will be no verdict: the client gets 500, and the log the cause.</summary>
    /// <exception cref="InvalidOperationException">A verdict was given before.</exception>
    public void Fail(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        Conclude(exception);
    }

    /// <summary>The verdict, once it is there.</summary>
    /// <exception cref="InvalidOperationException">There is none, for the cause inside.</exception>
    internal AuthenticationVerdict GetResult() =>
        _outcome as AuthenticationVerdict ?? throw new InvalidOperationException($"The credentials could not be judged: {(_outcome as Exception)?.Message}", _outcome as Exception);

    /// <summary>Calls the continuation when the verdict is there: at once if it is. Several may wait, for whoever asks the same may be given the same.</summary>
    internal void OnCompleted(Action continuation)
    {
        while (true)
        {
            Action? before = Volatile.Read(ref _continuation);
            if (ReferenceEquals(before, Done))
            {
                continuation();
                return;
            }

            if (ReferenceEquals(Interlocked.CompareExchange(ref _continuation, before + continuation, before), before))
            {
                return;
            }
        }
    }

    private void Conclude(object outcome)
    {
        if (Interlocked.CompareExchange(ref _outcome, outcome, null) is not null)
        {
            throw new InvalidOperationException("The verdict was given before.");
        }

        Interlocked.Exchange(ref _continuation, Done)?.Invoke();
    }
}
