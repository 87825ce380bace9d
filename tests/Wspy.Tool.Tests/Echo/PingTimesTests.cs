using Microsoft.Extensions.Time.Testing;
using Wspy.Tool.Echo;

namespace Wspy.Tool.Tests.Echo;

public class PingTimesTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_pong_is_paired_with_the_ping_of_its_payload()
    {
        PingTimes pings = new(_time);
        pings.Sent("a"u8.ToArray());
        _time.Advance(TimeSpan.FromMilliseconds(5));
        pings.Sent("b"u8.ToArray());
        _time.Advance(TimeSpan.FromMilliseconds(7));

        Assert.Equal(TimeSpan.FromMilliseconds(12), pings.Answered("a"u8));
        Assert.Equal(TimeSpan.FromMilliseconds(7), pings.Answered("b"u8));
        Assert.Null(pings.Answered("b"u8));
    }

    [Fact]
    public void A_pong_for_the_latest_ping_settles_those_before_it() // RFC 6455 §5.5.3
    {
        PingTimes pings = new(_time);
        pings.Sent("a"u8.ToArray());
        pings.Sent("b"u8.ToArray());

        Assert.NotNull(pings.Answered("b"u8));
        Assert.Null(pings.Answered("a"u8));
    }

    [Fact]
    public void A_client_that_never_answers_makes_nothing_grow()
    {
        PingTimes pings = new(_time);
        for (int i = 0; i <= 100; i++)
        {
            pings.Sent([(byte)i]);
        }

        Assert.Null(pings.Answered([0]));
        Assert.NotNull(pings.Answered([1]));
    }
}
