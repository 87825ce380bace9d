using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Wspy.Tests.ClientTests;

namespace Wspy.Tests.Connections;

public class ConnectPlanTests
{
    // RFC 8305 §4

    [Theory]
    [InlineData("::1 ::2 ::3 1.1.1.1 2.2.2.2", "::1 1.1.1.1 ::2 2.2.2.2 ::3")]
    [InlineData("1.1.1.1 2.2.2.2 ::1", "1.1.1.1 ::1 2.2.2.2")]
    [InlineData("::1 1.1.1.1", "::1 1.1.1.1")]
    [InlineData("3.3.3.3 1.1.1.1 2.2.2.2", "3.3.3.3 1.1.1.1 2.2.2.2")]
    [InlineData("::2 ::1", "::2 ::1")]
    [InlineData("", "")]
    public void The_families_take_turns(string given, string order) =>
        Assert.Equal(Parse(order), ConnectPlan.Interleave(Parse(given)));

    // RFC 8305 §5

    [Fact]
    public void The_next_attempt_is_due_after_250_ms_or_when_one_has_failed()
    {
        var clock = new FakeTimeProvider();
        ConnectPlan plan = ConnectPlan.For("host:80", Parse("::1 1.1.1.1 ::2 2.2.2.2"), 80, clock);
        Assert.Equal(TimeSpan.Zero, plan.UntilNext);
        EndPoint first = plan.Begin();
        Assert.Equal(TimeSpan.FromMilliseconds(250), plan.UntilNext);
        clock.Advance(TimeSpan.FromMilliseconds(249));
        Assert.Equal(TimeSpan.FromMilliseconds(1), plan.UntilNext);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(TimeSpan.Zero, plan.UntilNext);
        EndPoint second = plan.Begin();
        Assert.Equal(TimeSpan.FromMilliseconds(250), plan.UntilNext);
        plan.Fail(first, SocketError.ConnectionRefused);
        Assert.Equal(TimeSpan.Zero, plan.UntilNext);
        plan.Begin();
        plan.Fail(second, SocketError.NetworkUnreachable);
        plan.Begin();
        Assert.Equal(Timeout.InfiniteTimeSpan, plan.UntilNext);
        Assert.False(plan.HasMore);
        string text = plan.ToException().Message;
        Assert.Equal(SocketError.ConnectionRefused, plan.ToException().SocketErrorCode);
        foreach (string part in new[] { "host:80", "[::1]:80 (", "1.1.1.1:80 (", "[::2]:80", "2.2.2.2:80" })
        {
            Assert.Contains(part, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_was_connected_and_gave_no_answer_is_told_apart()
    {
        ConnectPlan plan = ConnectPlan.For("the proxy", Parse("::1 1.1.1.1"), 80, TimeProvider.System);
        plan.Fail(plan.Begin(), SocketError.ConnectionRefused);
        plan.Connected(plan.Begin());
        Assert.EndsWith(", 1.1.1.1:80 (connected, without an answer so far)", plan.Describe(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ClientKinds.All), MemberType = typeof(ClientKinds))]
    public async Task A_Unix_domain_socket_that_is_not_there_is_said_to_be_missing(ClientKind kind)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems have other words for it.");
        SocketException missing = await Assert.ThrowsAsync<SocketException>(() => AnyClient.ConnectAsync(kind, "ws+unix:/nowhere/at/all:/"));
        Assert.Equal("No connection to /nowhere/at/all; tried /nowhere/at/all (There is no such socket).", missing.Message);
    }

    [Fact]
    public void The_list_of_addresses_in_an_error_is_bounded()
    {
        ConnectPlan plan = ConnectPlan.For("host:80", [.. Enumerable.Range(1, 100).Select(i => new IPAddress([10, 0, 0, (byte)i]))], 80, TimeProvider.System);
        while (plan.HasMore)
        {
            plan.Fail(plan.Begin(), SocketError.ConnectionRefused);
        }

        Assert.EndsWith("and 84 more.", plan.ToException().Message, StringComparison.Ordinal);
    }

    private static IPAddress[] Parse(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse)];
}
