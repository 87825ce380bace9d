using System.Xml.Linq;

namespace Wspy.Tests;

/// <summary>The checked-out tree that this test assembly was built from.</summary>
internal static class Repository
{
    /// <summary>The folder that holds the solution file, found from the build output upwards.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every C# file below <paramref name="folder"/>, as path relative to the root (with '/') and text; build output is left out.</summary>
    public static List<(string Path, string Text)> Sources(string folder) => Read(folder, "*.cs");

    /// <summary>Every Markdown file of the repository.</summary>
    public static List<(string Path, string Text)> Documents() => Read(".", "*.md");

    public static XDocument Xml(string path) => XDocument.Load(Path.Combine(Root, path));

    private static List<(string Path, string Text)> Read(string folder, string pattern)
    {
        string start = Path.GetFullPath(Path.Combine(Root, folder));
        return [.. Directory.EnumerateFiles(start, pattern, SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(part => part is "bin" or "obj" or "artifacts" or "node_modules" or ".git"))
            .Order(StringComparer.Ordinal)
            .Select(path => (path, File.ReadAllText(Path.Combine(Root, path))))];
    }

    private static string FindRoot()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Wspy.slnx")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException($"No Wspy.slnx above {AppContext.BaseDirectory}: the tests read the sources they were built from.");
    }
}
