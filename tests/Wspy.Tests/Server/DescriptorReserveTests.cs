namespace Wspy.Tests.ServerTests;

public class DescriptorReserveTests
{
    [Theory]
    [InlineData(1024, 959, 960)]
    [InlineData(200, 149, 150)]
    [InlineData(1_048_576, 1_048_511, 1_048_512)]
    public void The_last_ones_are_held_back(long limit, long last, long first)
    {
        var reserve = new DescriptorReserve(limit);
        Assert.False(reserve.Holds(last));
        Assert.True(reserve.Holds(first));
        Assert.False(reserve.Holds(-1));
    }

    [Fact]
    public void Without_a_limit_there_is_no_reserve() => Assert.False(new DescriptorReserve(long.MaxValue).Holds(int.MaxValue));

    [Theory]
    [InlineData("Max open files            1024                 524288               files     ", 1024)]
    [InlineData("Max open files            unlimited            unlimited            files     ", long.MaxValue)]
    [InlineData("Max file locks            7                    7                    locks     ", long.MaxValue)]
    public void The_soft_limit_is_read(string line, long limit) =>
        Assert.Equal(limit, DescriptorReserve.Parse(["Limit                     Soft Limit           Hard Limit           Units     ", line]));

    [Fact]
    public void This_process_has_some_left() => Assert.False(DescriptorReserve.OfThisProcess().IsTouched());
}
