namespace Wspy.Tests.Http;

public class HttpViolationTests
{
    [Fact]
    public void Each_violation_has_its_status_RFC9110_15()
    {
        foreach (HttpViolation violation in Enum.GetValues<HttpViolation>())
        {
            int expected = violation switch
            {
                HttpViolation.HeadTooLarge or HttpViolation.TooManyHeaders => 431,
                HttpViolation.TargetTooLong => 414,
                HttpViolation.UnsupportedVersion => 505,
                _ => 400,
            };
            Assert.Equal(expected, violation.GetStatusCode());
        }
    }
}
