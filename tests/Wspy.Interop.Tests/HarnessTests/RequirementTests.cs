using Wspy.Interop.Tests.Harness;
using Xunit.Sdk;

namespace Wspy.Interop.Tests.HarnessTests;

public class RequirementTests
{
    private static readonly Requirement Met = new("air", "breathe", () => true);
    private static readonly Requirement Unmet = new("a unicorn", "apt-get install unicorn", () => false);

    [Fact]
    public void What_is_there_is_not_asked_for()
    {
        Requirement.Need(inCI: false, Met);
        Requirement.Need(inCI: true, Met);
    }

    [Fact]
    public void What_is_missing_skips_the_test_and_says_how_to_install_it()
    {
        string message = "";
        try
        {
            Requirement.Need(inCI: false, Met, Unmet);
        }
        catch (SkipException skip)
        {
            // Assert.Throws would hand it on to the runner, which would skip this very test.
            message = skip.Message;
        }

        Assert.EndsWith("This test needs a unicorn. Install it with: apt-get install unicorn", message, StringComparison.Ordinal);
    }

    [Fact]
    public void In_CI_what_is_missing_fails_the_test()
    {
        var failure = Assert.Throws<FailException>(() => Requirement.Need(inCI: true, Met, Unmet));

        Assert.Contains("apt-get install unicorn", failure.Message, StringComparison.Ordinal);
    }
}
