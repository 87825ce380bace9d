namespace Wspy;

/// <summary>That code runs in a handler, or was started by one: it flows with asynchronous code, on whatever thread that goes on.</summary>
/// <param name="owner">Whose handlers they are.</param>
/// <remarks>
/// Safe from any thread. Set once for each thread that runs handlers, since that is free for every message. It refers to no server, so that
/// what a handler leaves running keeps none in memory.
/// </remarks>
internal sealed class HandlerFlow(object owner)
{
    private static readonly AsyncLocal<HandlerFlow?> Flow = new();

    private readonly TaskCompletionSource _waits = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a handler of this flow waits for its server to stop: not to be waited for in turn.</summary>
    public Task Waits => _waits.Task;

    /// <summary>From here on, what this thread runs and what that starts is part of handlers.</summary>
    public void Enter() => Flow.Value = this;

    /// <summary>Notes that a handler of this flow waits.</summary>
    public void Wait() => _waits.TrySetResult();

    /// <summary>The flow in which the caller is, if it is one of the owner's.</summary>
    public static HandlerFlow? CurrentOf(object owner) => Flow.Value is { } flow && flow.IsOf(owner) ? flow : null;

    private bool IsOf(object other) => owner == other;
}
