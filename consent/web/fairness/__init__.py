"""Whether the templates of a site still ask as fairly as ours."""
