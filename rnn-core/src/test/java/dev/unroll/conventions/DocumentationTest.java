package dev.unroll.conventions;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Packages say that they are null-marked and public code says what it does. */
class DocumentationTest {
  @Test
  void everyPackageIsNullMarked() {
    List<Path> unmarked = new ArrayList<>();
    for (String module : Sources.MODULES) {
      List<Path> files = Sources.java(module);
      List<Path> marked =
          files.stream()
              .filter(file -> file.endsWith("package-info.java"))
              .filter(file -> Sources.read(file).contains("@NullMarked"))
              .map(DocumentationTest::packageOf)
              .toList();
      files.stream()
          .map(DocumentationTest::packageOf)
          .distinct()
          .filter(name -> !marked.contains(name))
          .forEach(name -> unmarked.add(Path.of(module).resolve(name)));
    }
    assertThat(unmarked).as("packages without a @NullMarked package-info.java").isEmpty();
  }

  @Test
  void everyPublicTypeIsDocumented() throws IOException {
    for (String module : Sources.MODULES) {
      assertThat(undocumented(module, Tree.Kind.CLASS))
          .as("public types without javadoc")
          .isEmpty();
    }
  }

  @Test
  void everyPublicMethodOfTheCoreIsDocumented() throws IOException {
    assertThat(undocumented("rnn-core", Tree.Kind.METHOD))
        .as("public methods without javadoc")
        .isEmpty();
  }

  /** A file's folder below {@code src/TREE/java}, which is its package. */
  private static Path packageOf(Path file) {
    Path relative = Sources.root().relativize(file.getParent());
    return relative.subpath(4, relative.getNameCount());
  }

  private static List<String> undocumented(String module, Tree.Kind kind) throws IOException {
    List<Path> files = Sources.java(module, "main", "verify");
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, manager, null, null, null, manager.getJavaFileObjectsFromPaths(files));
      Scanner scanner = new Scanner(DocTrees.instance(task), kind);
      scanner.scan(task.parse(), null);
      return scanner.found;
    }
  }

  /** Collects what is visible from outside its package and has no javadoc. */
  private static final class Scanner extends TreePathScanner<@Nullable Void, @Nullable Void> {
    final List<String> found = new ArrayList<>();
    private final DocTrees docs;
    private final Tree.Kind kind;

    Scanner(DocTrees docs, Tree.Kind kind) {
      this.docs = docs;
      this.kind = kind;
    }

    @Override
    public @Nullable Void visitClass(ClassTree type, @Nullable Void unused) {
      if (!isPublic(type.getModifiers())) {
        return null; // nothing inside it is public either
      }
      if (kind == Tree.Kind.CLASS) {
        check(type.getSimpleName().toString());
      }
      return super.visitClass(type, null);
    }

    @Override
    public @Nullable Void visitMethod(MethodTree method, @Nullable Void unused) {
      boolean overrides =
          method.getModifiers().getAnnotations().stream()
              .anyMatch(annotation -> annotation.getAnnotationType().toString().equals("Override"));
      if (kind == Tree.Kind.METHOD && isPublic(method.getModifiers()) && !overrides) {
        check(method.getName().toString());
      }
      return null; // local classes are not public
    }

    private boolean isPublic(ModifiersTree modifiers) {
      Tree parent = getCurrentPath().getParentPath().getLeaf();
      boolean inInterface = parent.getKind() == Tree.Kind.INTERFACE;
      return modifiers.getFlags().contains(Modifier.PUBLIC)
          || (inInterface && !modifiers.getFlags().contains(Modifier.PRIVATE));
    }

    private void check(String name) {
      if (docs.getDocComment(getCurrentPath()) == null) {
        Path file = Path.of(getCurrentPath().getCompilationUnit().getSourceFile().toUri());
        found.add(Sources.root().relativize(file) + ": " + name);
      }
    }
  }
}
