namespace Wspy.Tests;

public class SmokeTests
{
    [Fact]
    public void Close_codes_valid_on_the_wire() => Assert.False(((CloseCode)1005).IsValidOnWire());
}
