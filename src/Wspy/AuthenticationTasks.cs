using System.Security.Claims;

namespace Wspy;

/// <summary>Verdicts on credentials from tasks, for validators that ask a database.</summary>
public static class AuthenticationTasks
{
    /// <summary>The verdict that a task brings: a user who is accepted, or <see langword="null"/> for wrong credentials. No thread of an event loop waits for it.</summary>
    public static AuthenticationVerdict ToVerdict(this ValueTask<ClaimsPrincipal?> task) =>
        task.IsCompletedSuccessfully ? AuthenticationVerdict.Of(task.Result) : Pend(ConvertAsync(task));

    /// <summary>The verdict that a task brings, <see langword="null"/> for wrong credentials; one that is pending itself is waited for. No thread of an event loop waits for it.</summary>
    public static AuthenticationVerdict ToVerdict(this ValueTask<AuthenticationVerdict> task) =>
        task.IsCompletedSuccessfully ? task.Result ?? AuthenticationVerdict.Refuse() : Pend(task);

    /// <inheritdoc cref="ToVerdict(ValueTask{ClaimsPrincipal})"/>
    public static AuthenticationVerdict ToVerdict(this Task<ClaimsPrincipal?> task) => new ValueTask<ClaimsPrincipal?>(task).ToVerdict();

    private static AuthenticationVerdict Pend(ValueTask<AuthenticationVerdict> task)
    {
        var pending = new PendingVerdict();
        Complete(task, pending);
        return AuthenticationVerdict.Pend(pending);
    }

    private static async ValueTask<AuthenticationVerdict> ConvertAsync(ValueTask<ClaimsPrincipal?> task) => AuthenticationVerdict.Of(await task.ConfigureAwait(false));

    private static async void Complete(ValueTask<AuthenticationVerdict> task, PendingVerdict pending)
    {
        AuthenticationVerdict verdict;
        try
        {
            verdict = await task.ConfigureAwait(false) ?? AuthenticationVerdict.Refuse();
            while (verdict.PendingVerdict is { } next)
            {
                // The task has asked somebody else, who is not done either.
                var judged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                next.OnCompleted(judged.SetResult);
                await judged.Task.ConfigureAwait(false);
                verdict = next.GetResult();
            }
        }
        catch (Exception exception)
        {
            // The application's code failed, whatever it threw: the client gets 500, and the log the cause.
            pending.Fail(exception);
            return;
        }

        pending.Complete(verdict);
    }
}
