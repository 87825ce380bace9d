namespace Wspy.Extensions;

/// <summary>Extensions as an option.</summary>
internal static class ExtensionList
{
    /// <summary>A copy that nobody can change.</summary>
    /// <exception cref="ArgumentException">One is null or is there twice.</exception>
    public static IReadOnlyList<Extension> Copy(IReadOnlyList<Extension> extensions, string property)
    {
        ArgumentNullException.ThrowIfNull(extensions, property);
        Extension[] copy = [.. extensions];
        return copy.Contains(null) || copy.Distinct().Count() < copy.Length
            ? throw new ArgumentException("An extension is null or is there twice.", property)
            : Array.AsReadOnly(copy);
    }
}
