using System.Text.RegularExpressions;

namespace Wspy.Tests.Docs;

/// <summary>The tests that docs/testing.md names for what has gone wrong elsewhere are there.</summary>
public partial class HardeningTableTests
{
    [Fact]
    public void Each_test_of_the_table_exists()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "docs/testing.md"));
        MatchCollection sections = Section().Matches(text);
        Assert.Equal(2, sections.Count);
        foreach (Match section in sections)
        {
            string[] rows = [.. section.Groups["rows"].Value.Split('\n').Where(line => line.StartsWith('|')).Skip(2)];
            Assert.True(rows.Length >= 15, $"Only {rows.Length} rows were found.");
            Check(rows);
        }
    }

    private static void Check(string[] rows)
    {
        ILookup<string, string> tests = typeof(HardeningTableTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods().Where(method => method.GetCustomAttributes(typeof(FactAttribute), inherit: true).Length > 0).Select(method => (type.Name, Method: method.Name)))
            .ToLookup(test => test.Name, test => test.Method);
        foreach (string row in rows)
        {
            MatchCollection named = Test().Matches(row);
            Assert.True(named.Count > 0, $"No test in: {row}");
            foreach (Match test in named)
            {
                Assert.True(tests[test.Groups["class"].Value].Contains(test.Groups["method"].Value), $"There is no test {test.Value}.");
            }
        }
    }

    [GeneratedRegex(@"^## Hardening.*?$(?<rows>.*?)(?=^## )", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Section();

    [GeneratedRegex(@"`(?<class>\w+)\.(?<method>\w+)`")]
    private static partial Regex Test();
}
