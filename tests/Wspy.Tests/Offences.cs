namespace Wspy.Tests;

/// <summary>For tests that judge the tree: each offence on a line of its own, none cut short.</summary>
internal static class Offences
{
    public static void None(IEnumerable<string> offences)
    {
        string[] found = [.. offences];
        Assert.True(found.Length == 0, $"{found.Length} offences:{Environment.NewLine}{string.Join(Environment.NewLine, found)}");
    }
}
