namespace Wspy.Tests;

/// <summary>The codes of Close frames (RFC 6455 §7.4 and the IANA registry).</summary>
public class CloseCodeTests
{
    [Fact]
    public void Section_7_4_2_exactly_these_codes_may_stand_on_the_wire()
    {
        int[] valid = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, .. Enumerable.Range(3000, 2000)];
        Assert.Equal(valid, Enumerable.Range(0, 65536).Where(code => ((CloseCode)code).IsValidOnWire()));
    }
}
