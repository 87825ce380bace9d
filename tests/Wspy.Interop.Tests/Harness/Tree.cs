namespace Wspy.Interop.Tests.Harness;

/// <summary>Places in the checked-out tree.</summary>
internal static class Tree
{
    public static string Root { get; } = FindRoot();

    /// <summary>The scripts of the peers that are not .NET, with their packages beside them.</summary>
    public static string Peers { get; } = Path.Combine(Root, "tests/Wspy.Interop.Tests/peers");

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Wspy.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException($"No Wspy.slnx above {AppContext.BaseDirectory}.");
    }
}
