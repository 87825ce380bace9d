using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Wspy.Tests.Transports;

namespace Wspy.Tests.Connections;

/// <summary>The race without blocking, over attempts that the test ends.</summary>
public sealed class ConnectRaceTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Dictionary<string, TaskCompletionSource<string>> _attempts = [];
    private readonly List<string> _discarded = [];
    private readonly SemaphoreSlim _begun = new(0);

    public void Dispose() => _begun.Dispose();

    [Fact]
    public async Task The_first_that_connects_wins_and_the_others_are_given_up()
    {
        Task<string> race = Run("::1 1.1.1.1 ::2");
        await BegunAsync(1);
        while (!await _begun.WaitAsync(1))
        {
            _clock.Advance(TimeSpan.FromMilliseconds(50));
        }

        Assert.Equal(2, _attempts.Count);
        _attempts["1.1.1.1:80"].SetResult("second");
        Assert.Equal("second", await race.WaitAsync(Link.Limit));

        // The first one connects too late.
        Assert.True(_attempts["[::1]:80"].Task.IsCanceled || _attempts["[::1]:80"].TrySetResult("late"));
        Assert.Equal(2, _attempts.Count);
    }

    [Fact]
    public async Task What_is_connected_too_late_is_discarded()
    {
        var late = new TaskCompletionSource<string>();
        var discarded = new TaskCompletionSource<string>();
        ConnectPlan plan = ConnectPlan.For("host", [IPAddress.IPv6Loopback, IPAddress.Loopback], 80, _clock);
        Task<string> race = ConnectRace.RunAsync(
            plan, (endPoint, _) => endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? late.Task : Task.FromResult("winner"), discarded.SetResult, _clock, CancellationToken.None);
        while (!race.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(50));
            await Task.WhenAny(race, Task.Delay(1));
        }

        Assert.Equal("winner", await race);
        late.SetResult("loser");
        Assert.Equal("loser", await discarded.Task.WaitAsync(Link.Limit));
    }

    [Fact]
    public async Task A_failure_begins_the_next_at_once_and_the_last_one_tells_all()
    {
        Task<string> race = Run("::1 1.1.1.1 ::2");
        foreach (string endPoint in new[] { "[::1]:80", "1.1.1.1:80", "[::2]:80" })
        {
            // The clock stands still.
            await BegunAsync(1);
            _attempts[endPoint].SetException(new SocketException((int)SocketError.ConnectionRefused));
        }

        SocketException failed = await Assert.ThrowsAsync<SocketException>(() => race.WaitAsync(Link.Limit));
        Assert.Contains("[::1]:80", failed.Message, StringComparison.Ordinal);
        Assert.Contains("1.1.1.1:80", failed.Message, StringComparison.Ordinal);
        Assert.Contains("[::2]:80", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_ends_all_attempts_and_another_exception_ends_the_race()
    {
        using var source = new CancellationTokenSource();
        Task<string> race = Run("::1 1.1.1.1", source.Token);
        await BegunAsync(1);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => race.WaitAsync(Link.Limit));
        Assert.True(_attempts["[::1]:80"].Task.IsCanceled);

        _attempts.Clear();
        race = Run("::1 1.1.1.1");
        await BegunAsync(1);
        _attempts["[::1]:80"].SetException(new ObjectDisposedException("loop"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => race.WaitAsync(Link.Limit));
        Assert.Empty(_discarded);
    }

    private Task<string> Run(string addresses, CancellationToken cancellationToken = default)
    {
        ConnectPlan plan = ConnectPlan.For("host:80", [.. addresses.Split(' ').Select(IPAddress.Parse)], 80, _clock);
        return ConnectRace.RunAsync(plan, Begin, _discarded.Add, _clock, cancellationToken);
    }

    private async Task<string> Begin(EndPoint endPoint, CancellationToken cancellationToken)
    {
        var attempt = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _attempts.Add(endPoint.ToString()!, attempt);
        _begun.Release();
        using CancellationTokenRegistration registration = cancellationToken.Register(() => attempt.TrySetCanceled(cancellationToken));
        return await attempt.Task;
    }

    private async Task BegunAsync(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Assert.True(await _begun.WaitAsync(Link.Limit), "no attempt was begun");
        }
    }
}
