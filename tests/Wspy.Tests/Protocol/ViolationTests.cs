using Wspy.Protocol;

namespace Wspy.Tests.Protocol;

public class ViolationTests
{
    public static TheoryData<ProtocolViolation> Kinds => [.. Enum.GetValues<ProtocolViolation>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Section_5_5_every_description_fits_a_close_frame_whatever_its_numbers_are(ProtocolViolation kind)
    {
        foreach (long number in (long[])[0, 1, 0x70, 125, 65535, long.MaxValue, long.MinValue])
        {
            string description = new Violation(kind, number, number).Description;
            Assert.InRange(description.Length, 1, 123);
            Assert.True(System.Text.Ascii.IsValid(description), description);
            Assert.DoesNotContain(kind.ToString(), description, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Section_7_4_1_each_kind_has_its_code()
    {
        foreach (ProtocolViolation kind in Enum.GetValues<ProtocolViolation>())
        {
            CloseCode expected = kind switch
            {
                ProtocolViolation.InvalidUtf8 or ProtocolViolation.InvalidCloseReason or ProtocolViolation.InvalidExtensionData => (CloseCode)1007,
                ProtocolViolation.TooManyFragments => (CloseCode)1008,
                ProtocolViolation.FrameTooLarge or ProtocolViolation.MessageTooLarge or ProtocolViolation.ExtensionLimit => (CloseCode)1009,
                ProtocolViolation.ExtensionFailed => (CloseCode)1011,
                _ => (CloseCode)1002,
            };
            Assert.Equal(expected, new Violation(kind).CloseCode);
        }
    }

    [Fact]
    public void Limits_name_their_option_and_both_numbers()
    {
        foreach (ProtocolViolation kind in Enum.GetValues<ProtocolViolation>())
        {
            var violation = new Violation(kind, 70_000_000, 67_108_864);
            Assert.Equal(kind is ProtocolViolation.FrameTooLarge or ProtocolViolation.MessageTooLarge or ProtocolViolation.TooManyFragments, violation.IsLimit);
            Assert.Equal(violation.IsLimit, violation.LimitName is not null);
            if (violation.LimitName is { } name)
            {
                Assert.NotNull(typeof(ProtocolOptions).GetProperty(name));
                Assert.Contains($"70,000,000", violation.Description, StringComparison.Ordinal);
                Assert.EndsWith($"exceeds {name} (67,108,864)", violation.Description, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Descriptions_tell_what_came()
    {
        Assert.Equal("No violation", default(Violation).Description);
        Assert.Equal("Reserved bits Rsv3, Rsv1 are set without an extension that claims them", new Violation(ProtocolViolation.ReservedBits, 0x50).Description);
        Assert.Equal("Opcode 0xB is reserved", new Violation(ProtocolViolation.ReservedOpcode, 11).Description);
        Assert.Equal("Control frame of 65,536 bytes exceeds 125", new Violation(ProtocolViolation.ControlFrameTooLong, 65536, 125).Description);
        Assert.Equal("Close code 1005 is not allowed in a Close frame", new Violation(ProtocolViolation.InvalidCloseCode, 1005).Description);
        Assert.Equal("99", new Violation((ProtocolViolation)99).Description);
    }
}
