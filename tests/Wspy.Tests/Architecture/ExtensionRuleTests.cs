using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Wspy.Extensions;

namespace Wspy.Tests.Architecture;

/// <summary>The extensions that come with the library are built on what everybody has: of the extension API they name nothing that is not public.</summary>
public class ExtensionRuleTests
{
    private const string Folder = "src/Wspy/Extensions/";

    [Fact]
    public void The_librarys_own_extensions_use_public_members_only()
    {
        var sources = new SourceTree(Repository.Sources("src/Wspy"), debug: false);

        Assert.Contains(sources.Trees, IsOwn);
        Offences.None(Check(sources));
    }

    [Theory]
    [InlineData("class DeflateX : Api { public DeflateX() => Hidden(); }")]
    [InlineData("class DeflateX { Inner? _inner; }")]
    [InlineData("class DeflateX : Api { protected override void Overridden() { } }")]
    public void A_hidden_member_is_found(string own) => Assert.NotEmpty(Check(Sources(own)));

    [Fact]
    public void Public_and_protected_members_and_own_ones_are_left_alone() =>
        Assert.Empty(Check(Sources("class DeflateX : Api { DeflateX? _next; internal void Own() { Open(); Shared(); Own(); } }")));

    [Fact]
    public void Whatever_an_instance_may_override_strangers_may_override_too() => Assert.All(
        new[] { typeof(Extension), typeof(ExtensionInstance) }.SelectMany(type => type.GetMethods(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic)).Where(method => method.IsVirtual),
        method => Assert.True(method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly, method.Name));

    private static SourceTree Sources(string own) => new(
        [
            ("src/Wspy/Extensions/Api.cs", "namespace Wspy.Extensions; public abstract class Api { internal void Hidden() { } public void Open() { } protected void Shared() { } internal protected virtual void Visible() { } private protected virtual void Overridden() { } } internal class Inner;"),
            ("src/Wspy/Extensions/DeflateX.cs", $"namespace Wspy.Extensions; {own}"),
        ], debug: false);

    private static List<string> Check(SourceTree sources)
    {
        List<string> found = [];
        foreach (SyntaxTree tree in sources.Trees.Where(IsOwn))
        {
            SemanticModel model = sources.Compilation.GetSemanticModel(tree);
            foreach (SyntaxNode node in tree.GetRoot().DescendantNodes())
            {
                ISymbol? symbol = node switch
                {
                    SimpleNameSyntax name => model.GetSymbolInfo(name).Symbol,
                    MethodDeclarationSyntax method => (model.GetDeclaredSymbol(method) as IMethodSymbol)?.OverriddenMethod,
                    PropertyDeclarationSyntax property => (model.GetDeclaredSymbol(property) as IPropertySymbol)?.OverriddenProperty,
                    _ => null,
                };
                if (symbol is not null && IsHidden(symbol))
                {
                    found.Add($"{tree.FilePath}({tree.GetLineSpan(node.Span).StartLinePosition.Line + 1}): {symbol.ToDisplayString()} is not public");
                }
            }
        }

        return found;
    }

    private static bool IsOwn(SyntaxTree tree) => tree.FilePath.StartsWith($"{Folder}Deflate", StringComparison.Ordinal);

    // Of the API, which is what the folder has beside the extensions themselves.
    private static bool IsHidden(ISymbol symbol) =>
        symbol is INamedTypeSymbol or IMethodSymbol or IPropertySymbol or IFieldSymbol
        && symbol.DeclaringSyntaxReferences is [var declared, ..] && declared.SyntaxTree.FilePath.StartsWith(Folder, StringComparison.Ordinal) && !IsOwn(declared.SyntaxTree)
        && symbol.DeclaredAccessibility is Accessibility.Internal or Accessibility.ProtectedAndInternal;
}
