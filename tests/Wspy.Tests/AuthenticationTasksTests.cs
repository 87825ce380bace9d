using System.Security.Claims;
using System.Security.Principal;
using Wspy.Tests.Transports;

namespace Wspy.Tests;

/// <summary>Verdicts from tasks: whatever a task brings is a verdict, and no thread dies of it.</summary>
public class AuthenticationTasksTests
{
    private static readonly ClaimsPrincipal Ada = new(new GenericIdentity("ada"));

    [Fact]
    public async Task A_task_may_bring_a_verdict_that_is_pending_itself()
    {
        var asked = new TaskCompletionSource<AuthenticationVerdict>(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new PendingVerdict();
        PendingVerdict verdict = new ValueTask<AuthenticationVerdict>(asked.Task).ToVerdict().PendingVerdict!;
        Task judged = Judged(verdict);

        asked.SetResult(AuthenticationVerdict.Pend(answer));
        Assert.False(verdict.IsCompleted);
        answer.Complete(AuthenticationVerdict.Accept(Ada));
        await judged.WaitAsync(Link.Limit);
        Assert.Same(Ada, verdict.GetResult().User);
    }

    [Fact]
    public async Task A_verdict_that_fails_behind_a_task_fails()
    {
        var asked = new TaskCompletionSource<AuthenticationVerdict>(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new PendingVerdict();
        PendingVerdict verdict = new ValueTask<AuthenticationVerdict>(asked.Task).ToVerdict().PendingVerdict!;
        asked.SetResult(AuthenticationVerdict.Pend(answer));
        answer.Fail(new InvalidOperationException("broken"));
        await Judged(verdict).WaitAsync(Link.Limit);
        Assert.Contains("broken", Assert.Throws<InvalidOperationException>(verdict.GetResult).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_that_brings_nothing_refuses()
    {
        var asked = new TaskCompletionSource<AuthenticationVerdict>(TaskCreationOptions.RunContinuationsAsynchronously);
        PendingVerdict verdict = new ValueTask<AuthenticationVerdict>(asked.Task).ToVerdict().PendingVerdict!;
        asked.SetResult(null!);
        await Judged(verdict).WaitAsync(Link.Limit);
        Assert.Equal(AuthenticationOutcome.Refused, verdict.GetResult().Outcome);
        Assert.Equal(AuthenticationOutcome.Refused, new ValueTask<AuthenticationVerdict>(result: null!).ToVerdict().Outcome);
    }

    private static Task Judged(PendingVerdict verdict)
    {
        var judged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        verdict.OnCompleted(judged.SetResult);
        return judged.Task;
    }
}
