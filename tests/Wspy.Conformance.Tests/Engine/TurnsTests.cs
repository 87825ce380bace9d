using Wspy.Conformance.Engine;

namespace Wspy.Conformance.Tests.Engine;

public class TurnsTests
{
    private readonly Turns _turns = new();

    [Fact]
    public void Cases_run_side_by_side()
    {
        Assert.True(Take(alone: false).IsCompletedSuccessfully);
        Assert.True(Take(alone: false).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task One_that_must_be_alone_waits_for_all_others()
    {
        await Take(alone: false);
        await Take(alone: false);
        Task alone = Take(alone: true);
        Assert.False(alone.IsCompleted);
        _turns.End();
        Assert.False(alone.IsCompleted);
        _turns.End();
        await alone;
    }

    [Fact]
    public async Task Those_that_come_after_it_wait_for_it_and_then_run_side_by_side()
    {
        await Take(alone: false);
        Task alone = Take(alone: true);
        Task[] later = [Take(alone: false), Take(alone: false)];
        _turns.End();
        await alone;
        Assert.All(later, turn => Assert.False(turn.IsCompleted));
        _turns.End();
        await Task.WhenAll(later);
    }

    [Fact]
    public async Task Two_that_must_be_alone_run_one_after_the_other()
    {
        await Take(alone: true);
        Task second = Take(alone: true);
        Assert.False(second.IsCompleted);
        _turns.End();
        await second;
    }

    [Fact]
    public async Task One_that_gave_up_waiting_holds_up_nobody()
    {
        await Take(alone: false);
        using var end = new CancellationTokenSource();
        Task alone = _turns.TakeAsync(alone: true, end.Token);
        Task later = Take(alone: false);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => alone);
        _turns.End();
        await later;
    }

    private Task Take(bool alone) => _turns.TakeAsync(alone, TestContext.Current.CancellationToken);
}
