namespace Wspy.Tests;

/// <summary>The classes of opcodes (RFC 6455 §5.2, §5.5).</summary>
public class OpcodeTests
{
    [Fact]
    public void Section_5_2_opcodes_that_are_not_defined_are_reserved() =>
        Assert.Equal([3, 4, 5, 6, 7, 11, 12, 13, 14, 15], Enumerable.Range(0, 16).Where(opcode => ((Opcode)opcode).IsReserved()));

    [Fact]
    public void Section_5_5_opcodes_from_8_on_are_of_control_frames() =>
        Assert.Equal([8, 9, 10, 11, 12, 13, 14, 15], Enumerable.Range(0, 16).Where(opcode => ((Opcode)opcode).IsControl()));
}
