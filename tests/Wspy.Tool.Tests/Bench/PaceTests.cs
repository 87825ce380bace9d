using System.Diagnostics;
using Wspy.Tool.Bench.Load;

namespace Wspy.Tool.Tests.Bench;

public class PaceTests
{
    private const long Start = 5_000;

    [Fact]
    public void Messages_are_due_evenly_one_connection_after_another()
    {
        Pace pace = new(perSecond: 10, connections: 3, Start);
        long tenth = Stopwatch.Frequency / 10;

        Assert.False(pace.TryTake(Start - 1, out _));
        for (int i = 0; i < 9; i++)
        {
            Assert.Equal(Start + (i * tenth), pace.NextTime);
            Assert.False(pace.TryTake(pace.NextTime - 1, out _));
            Assert.True(pace.TryTake(pace.NextTime, out int connection));
            Assert.Equal(i % 3, connection);
            Assert.Equal(Start + (i * tenth), pace.TimeOf(connection, i / 3));
        }

        Assert.Equal(9, pace.Taken);
    }

    [Fact]
    public void What_was_missed_is_due_at_once_and_keeps_its_time() // So that a stall is charged with all that it held up.
    {
        Pace pace = new(perSecond: 1000, connections: 1, Start);
        int taken = 0;
        while (pace.TryTake(Start + Stopwatch.Frequency, out _))
        {
            taken++;
        }

        Assert.Equal(1001, taken);
        Assert.Equal(Start + (Stopwatch.Frequency / 2), pace.TimeOf(0, 500));
    }
}
