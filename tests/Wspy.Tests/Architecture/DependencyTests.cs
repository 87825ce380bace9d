using System.Reflection;
using System.Xml.Linq;

namespace Wspy.Tests.Architecture;

public class DependencyTests
{
    private const string OnlyPackage = "Microsoft.Extensions.Logging.Abstractions";

    [Fact]
    public void The_library_names_one_package()
    {
        XDocument[] projects = [Repository.Xml("src/Wspy/Wspy.csproj"), Repository.Xml("Directory.Build.props"), Repository.Xml("Directory.Packages.props")];

        Assert.Equal([OnlyPackage], projects.SelectMany(ShippedDependencies));
    }

    /// <summary>By effect: whatever brought it in, nothing but the platform and that package is used by the compiled library.</summary>
    [Fact]
    public void The_compiled_library_uses_the_platform_and_one_package()
    {
        string platform = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        IEnumerable<string> foreign = typeof(FrameHeader).Assembly.GetReferencedAssemblies()
            .Where(name => Path.GetDirectoryName(Assembly.Load(name).Location) != platform)
            .Select(name => name.Name!);

        Assert.Empty(foreign.Except([OnlyPackage]));
    }

    [Theory]
    [InlineData("<PackageReference Include=\"Newtonsoft.Json\" />", "Newtonsoft.Json")]
    [InlineData("<PackageReference Include=\"Some.Analyzer\" PrivateAssets=\"all\" />", null)]
    [InlineData("<PackageReference Include=\"Some.Analyzer\"><PrivateAssets>all</PrivateAssets></PackageReference>", null)]
    [InlineData("<GlobalPackageReference Include=\"Some.Tool\" />", null)]
    [InlineData("<FrameworkReference Include=\"Microsoft.AspNetCore.App\" />", "Microsoft.AspNetCore.App")]
    [InlineData("<Reference Include=\"lib.dll\" />", "lib.dll")]
    [InlineData("<ProjectReference Include=\"../Other/Other.csproj\" />", "../Other/Other.csproj")]
    public void A_dependency_that_would_ship_is_found(string item, string? dependency) =>
        Assert.Equal(dependency is null ? [] : [dependency], ShippedDependencies(XDocument.Parse($"<Project><ItemGroup>{item}</ItemGroup></Project>")));

    // A package with all its assets private is used by the build alone; a global reference is private by definition.
    private static IEnumerable<string> ShippedDependencies(XDocument project) =>
        from item in project.Descendants()
        where item.Name.LocalName is "PackageReference" or "FrameworkReference" or "Reference" or "ProjectReference"
        where !string.Equals((string?)item.Attribute("PrivateAssets") ?? item.Element("PrivateAssets")?.Value, "all", StringComparison.OrdinalIgnoreCase)
        select (string?)item.Attribute("Include") ?? "";
}
